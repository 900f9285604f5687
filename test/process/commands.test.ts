// The commands of the README as processes: beside a running service and without one.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createDatabase, type TestDatabase } from '../support/database';
import { Service } from '../support/service';

const ROOT = join(__dirname, '../..');
const CLI = join(ROOT, 'dist/apps/api/src/cli.js');
const home = mkdtempSync(join(tmpdir(), 'floodgate-commands-'));
chmodSync(home, 0o755);
const DATA_DIR = join(home, 'data');
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

function run(args: string[], environment: NodeJS.ProcessEnv = { DATA_DIR, SEED_ITEMS: '5' }, input = ''): Promise<Ran> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [CLI, ...args], { cwd: ROOT, env: { PATH, HOME, ...environment } });
  let out = '';
  let error = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text));
  child.stdin.end(input);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? -1, out, error })));
}

const line = (sku: string, more: object = {}) => `${JSON.stringify({ sku, name: `Thing ${sku}`, ...more })}\n`;

describe('config', () => {
  it('prints the effective configuration and no secret', async () => {
    const ran = await run(['config'], {
      DATABASE_URL: 'postgres://u:canary-42@db/x',
      JWT_SECRET: 'canary-42'.repeat(4),
    });
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(/^DATABASE_POOL\s*=\s*10/m);
    expect(ran.out).not.toContain('canary-42');
  });
});

describe('commands on a given database', () => {
  let database: TestDatabase;
  const environment = () => ({
    DATABASE_URL: database.url,
    JWT_SECRET: 'a secret that is used in tests only, 32 bytes',
  });

  beforeAll(async () => {
    database = await createDatabase('empty');
  });
  afterAll(() => database.drop());

  it('migrate brings the schema up to date, once', async () => {
    expect(await run(['migrate'], environment())).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Migrated: Create/) as string,
    });
    expect(await run(['migrate'], environment())).toMatchObject({ code: 0, out: 'The schema is up to date.\n' });
  });

  it('migration finds that the entities say nothing that the migrations do not', async () => {
    const ran = await run(['migration', 'nothing-new'], environment());
    expect(ran).toMatchObject({ code: 0, out: 'The entities say nothing new: no migration is needed.\n' });
  });

  it('keys are listed, rotated and replaced', async () => {
    const keys = async (...args: string[]) => (await run(['keys', ...args], environment())).out.trim().split('\n');
    expect(await keys('list')).toEqual(['There are no keys yet: the first start makes one.']);
    expect(await keys('rotate', '--now')).toEqual([expect.stringMatching(/^[\w-]{43} {2}signs$/)]);
    const [next, signer] = await keys('rotate');
    expect(next).toMatch(/^[\w-]{43} {2}signs from \d{4}-/);
    expect(signer).toMatch(/^[\w-]{43} {2}signs, and verifies until \d{4}-/);
    const other = { ...environment(), JWT_SECRET: 'another secret of these tests, which has 32 bytes' };
    const { out } = await run(['keys', 'list'], other);
    expect(out.match(/was sealed with another JWT_SECRET/g)).toHaveLength(2);
    expect(
      await run(['seed'], { ...other, ADMIN_EMAIL: 'a@b.example', ADMIN_PASSWORD: 'correct horse' }),
    ).toMatchObject({
      code: 1,
      out: '',
      error: expect.stringMatching(/^JWT_SECRET does not open the signing keys[^\n]+\n$/),
    });
    // Whatever secret has sealed those that were there.
    for (const secret of [other, environment()])
      expect((await run(['keys', 'rotate', '--now'], secret)).out).toMatch(/^[\w-]{43} {2}signs\n$/);
  });

  it('import says that an administrator is needed', async () => {
    const ran = await run(['import', '-'], environment(), line('A'));
    expect(ran.code).not.toBe(0);
    expect(ran.error).toMatch(/administrator/);
    expect(ran.error.trim().split('\n')).toHaveLength(1);
  });
});

describe.each(['without a service', 'beside a running service'])('commands on the embedded database %s', (where) => {
  let service: Service | undefined;

  beforeAll(async () => {
    if (where.startsWith('beside')) service = await Service.start({ DATA_DIR, SEED_ITEMS: '5' });
  });
  afterAll(() => service?.stop());

  it('seed adds what is missing', async () => {
    const ran = await run(['seed', '--items', '7']);
    expect(ran.code).toBe(0);
    expect(ran.error).toMatch(
      service ? /^$/ : /^Administrator: admin@floodgate\.example with the password \S+ \(shown only this once\)\n$/,
    );
    expect(ran.out).toBe(service ? '0 demo items added, 7 were there.\n' : '2 demo items added, 5 were there.\n');
  });

  it('import takes NDJSON, gzip and CSV, from a file and from standard input', async () => {
    const file = join(home, 'things.ndjson.gz');
    writeFileSync(file, gzipSync(line('X-1') + line('X-2', { tags: ['a|b', 'c, d'] })));
    expect((await run(['import', file])).code).toBe(0);
    expect((await run(['import', '-'], undefined, 'sku,name,stock\nX-3,"Thing, three",4\n')).code).toBe(0);
    expect((await run(['import', '-'], undefined, line('X-4'))).code).toBe(0);
  });

  it('import reports each line that it rejects, and takes the others', async () => {
    const ran = await run(
      ['import', '-'],
      undefined,
      `${line('Y-1')}no json\n${line('Y-2', { price: -1, currency: 'EUR' })}`,
    );
    expect(ran.code).toBe(1);
    expect(ran.out + ran.error).toMatch(/\b2\b.*JSON/);
    expect(ran.out + ran.error).toMatch(/\b3\b.*price.*whole number/);
  });

  it('export writes what import reads', async () => {
    const file = join(home, 'all.csv.gz');
    expect((await run(['export', file])).code).toBe(0);
    const ran = await run(['import', file]);
    expect(ran.code).toBe(0);
    expect(ran.out + ran.error).toMatch(/12 unchanged/);
    const filtered = await run(['export', '-', '--tag', 'c, d']);
    expect(filtered.out.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(filtered.out)).toMatchObject({ sku: 'X-2', tags: ['a|b', 'c, d'] });
  });
});

describe('a wrong call', () => {
  it.each([
    [['seed', '--items', 'many'], /^--items must be a whole number/],
    [['seed', '--itmes', '5'], /--itmes/],
    [['import', '/nowhere/at-all.ndjson'], /at-all\.ndjson/],
    [['import'], /import/],
    [['keys'], /list, rotate/],
    [['keys', 'list', '--now'], /list, rotate/],
    [['migration', 'Bad Name'], /lower case/],
    [['nonsense'], /There is no command nonsense/],
  ])('%j is refused in one line', async (args, sentence) => {
    const ran = await run(args);
    expect(ran.code).not.toBe(0);
    expect(ran.error).toMatch(sentence);
    expect(ran.error).not.toMatch(/\n\s+at /);
  });
});

describe('openapi', () => {
  it('finds that the committed documents are current', async () => {
    expect(await run(['openapi', '--check'])).toEqual({ code: 0, out: '', error: '' });
    expect(readFileSync(join(ROOT, 'docs/openapi.yaml'), 'utf8')).toContain('openapi: 3.1.0');
  });
});
