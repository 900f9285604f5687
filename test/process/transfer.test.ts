// Import and export as processes that are ended from outside: by Ctrl-C, and by a pipe that nobody reads any more.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { createDatabase, type TestDatabase } from '../support/database';

const CLI = join(__dirname, '../../dist/apps/api/src/cli.js');
const folder = mkdtempSync(join(tmpdir(), 'floodgate-transfer-'));

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

function start(...args: string[]): { child: ChildProcess; ended: Promise<{ code: number | null; error: string }> } {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: database.url,
      JWT_SECRET: 'a secret that is used in tests only, 32 bytes or more',
      ADMIN_EMAIL: 'admin@test.example',
      ADMIN_PASSWORD: 'correct horse battery staple',
    },
  });
  // What it does not read any more is lost on purpose.
  child.stdin.on('error', () => undefined);
  let error = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text));
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number, error })) };
}

const lines = (count: number): string =>
  Array.from({ length: count }, (_, n) => `{"sku":"S-${n}","name":"${'Lamp '.repeat(50)}"}\n`).join('');

const stored = async (): Promise<number> =>
  Number((await client.query<{ count: string }>('SELECT count(*) FROM items')).rows[0]?.count);

it('an interrupted import says what is in, and goes on when it is run again', async () => {
  const first = start('import', '-');
  first.child.stdin?.write(lines(2_500));
  while ((await stored()) === 0);
  first.child.kill('SIGINT');
  const { code, error } = await first.ended;
  expect(code).toBe(130);
  const count = await stored();
  expect(error).toContain(`Interrupted. ${count.toLocaleString('en')} created, 0 updated, 0 unchanged so far`);

  const second = start('import', '-');
  let output = '';
  second.child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  second.child.stdin?.end(lines(3_000));
  expect(await second.ended).toEqual({ code: 0, error: '' });
  const [created, unchanged] = [3_000 - count, count].map((number) => number.toLocaleString('en'));
  expect(output).toContain(`${created} created, 0 updated, ${unchanged} unchanged, 0 rejected: 3,000 lines`);
});

it('an export ends quietly when its reader has seen enough', async () => {
  const { child, ended } = start('export');
  await once(child.stdout as never, 'data');
  child.stdout?.destroy();
  expect(await ended).toEqual({ code: 0, error: '' });
});

it('an export that is interrupted leaves no half a file', async () => {
  const path = join(folder, 'items.ndjson');
  const blocker = new Client({ connectionString: database.url });
  await blocker.connect();
  await blocker.query('BEGIN; LOCK TABLE items IN ACCESS EXCLUSIVE MODE');
  const { child, ended } = start('export', path);
  while (!existsSync(`${path}.part`)) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill('SIGINT');
  await blocker.query('COMMIT');
  await blocker.end();
  expect(await ended).toEqual({ code: 130, error: 'Interrupted.\n' });
  expect([existsSync(path), existsSync(`${path}.part`)]).toEqual([false, false]);
});
