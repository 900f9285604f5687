// Temporary folders for the tests, and looks into the databases that they hold.
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../src/index';

const made: string[] = [];
const started: EmbeddedPostgres[] = [];

export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'embedded-postgres-'));
  // As a folder in somebody's project is.
  await chmod(folder, 0o755);
  made.push(folder);
  return folder;
}

export async function startForTest(directory: string, database?: string): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ directory, database, settings: { fsync: 'off' } });
  started.push(server);
  return server;
}

/** Stops also what a failed test left running. */
export async function removeFolders(): Promise<void> {
  await Promise.allSettled(started.splice(0).map((server) => server.stop()));
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
}

/** Id of the server process, or undefined when the folder has none. */
export async function findServerPid(directory: string): Promise<number | undefined> {
  const file = await readFile(join(directory, 'postgres/data/postmaster.pid'), 'utf8').catch(() => '');
  return file === '' ? undefined : Number.parseInt(file, 10);
}

export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Asks again until there is an answer; an error is none. */
export async function until<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const result = await attempt().catch(() => undefined);
    if (result !== undefined) return result;
    await sleep(5);
  }
}
