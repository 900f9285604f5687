// Debian's PgBouncer with the configuration of `deploy` in front of a test's database, with few enough connections that all share them.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { DEPLOY } from './proxies';
import { freePort } from './redis';

export interface PgBouncer {
  /** Of the database, through it. */
  readonly url: string;
  stop(): Promise<void>;
}

/** From this version on it follows named statements from connection to connection. */
const KNOWS_NAMES = 121;

/**
 * @param path of the program, as `describeWith('pgbouncer', …)` gives it
 * @param databaseUrl whose role gets the limits that `deploy` gives it
 * @param waitSeconds for how long one waits for a connection, unless as long as `deploy` says: there are a tenth as many here
 */
export async function startPgBouncer(path: string, databaseUrl: string, waitSeconds?: number): Promise<PgBouncer> {
  const { hostname, port: serverPort, pathname, username, password } = new URL(databaseUrl);
  const database = pathname.slice(1);
  await limitRole(databaseUrl, database);
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'floodgate-pgbouncer-'));
  // It does not run as root, and the user that it runs as reads these.
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'userlist.txt'), `"${username}" "${password}"\n`);
  const settings = readFileSync(join(DEPLOY, 'pgbouncer/pgbouncer.ini'), 'utf8')
    .replace(/^floodgate = .*$/m, `floodgate = host=${hostname} port=${serverPort} dbname=${database}`)
    .replace(/^listen_addr = .*$/m, 'listen_addr = 127.0.0.1')
    .replace(/^listen_port = .*$/m, `listen_port = ${port}`)
    .replace(/^auth_file = .*$/m, `auth_file = ${join(folder, 'userlist.txt')}`)
    .replace(/^default_pool_size = .*$/m, 'default_pool_size = 4')
    .replace(/^query_wait_timeout = .*$/m, (line) => (waitSeconds ? `query_wait_timeout = ${waitSeconds}` : line))
    .replace(/^max_prepared_statements = .*$/m, (line) => (knowsNames(path) ? line : ''));
  writeFileSync(join(folder, 'pgbouncer.ini'), `${settings}unix_socket_dir =\n`);
  const asNobody = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn(path, [...asNobody, join(folder, 'pgbouncer.ini')], { stdio: ['ignore', 'ignore', 'pipe'] });
  await untilItListens(child);
  return {
    url: `postgres://${username}:${password}@127.0.0.1:${port}/floodgate`,
    async stop() {
      const ended = once(child, 'exit');
      if (child.exitCode === null && child.kill('SIGKILL')) await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function knowsNames(path: string): boolean {
  const [, major = '', minor = ''] = /PgBouncer (\d+)\.(\d+)/.exec(
    spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout,
  ) as string[];
  return Number(major) * 100 + Number(minor) >= KNOWS_NAMES;
}

async function limitRole(url: string, database: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const statements = readFileSync(join(DEPLOY, 'pgbouncer/role.sql'), 'utf8');
  await client.query(statements.replaceAll('DATABASE floodgate', `DATABASE ${database}`));
  await client.end();
}

async function untilItListens(child: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`pgbouncer ended:\n${said}`)));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('process up')) resolve();
    });
  });
}
