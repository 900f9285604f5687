// What every server is measured against: one PostgreSQL with the items table filled by the service's own commands, one Redis.
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@app/embedded-postgres';
import { Client } from 'pg';
import { run } from './child';
import type { Options } from './options';
import { DIST } from './paths';
import { startRedis } from './redis';

export interface World {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** For files of the run; gone at its end. */
  readonly directory: string;
  /** Of the service and of its commands. */
  readonly environment: NodeJS.ProcessEnv;
  readonly admin: { readonly email: string; readonly password: string };
  /** Of the items. */
  readonly ownerId: string;
  /** Of items, in the order of their creation. */
  readonly ids: readonly string[];
  close(): Promise<void>;
}

export async function createWorld({ file, items: count }: Pick<Options, 'file' | 'items'>): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'floodgate-bench-'));
  // Open to the user that PostgreSQL runs as when this one is root.
  chmodSync(directory, 0o755);
  const closers = [async () => rmSync(directory, { recursive: true, force: true })];
  const closeAll = async (): Promise<void> => {
    for (const closer of closers.reverse()) await closer();
  };
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= closeAll());
  try {
    const postgres = await startEmbeddedPostgres({ directory: join(directory, 'postgres') });
    closers.push(() => postgres.stop());
    const redis = await startRedis(directory);
    closers.push(() => redis.stop());
    const admin = { email: 'admin@floodgate.example', password: randomBytes(12).toString('hex') };
    const environment = {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      JWT_SECRET: randomBytes(32).toString('hex'),
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
      MIGRATE: 'true',
      HOST: '127.0.0.1',
      PORT: '0',
      ADMIN_PORT: 'off',
      DRAIN_DELAY_MS: '0',
      // One account does the work of thousands.
      RATE_LIMIT_WRITES: 'off',
      RATE_LIMIT_LOGINS: 'off',
      RATE_LIMIT_BULK: 'off',
    };
    await fill(environment, file === undefined ? ['seed', '--items', String(count)] : ['import', file]);
    const items = await readItems(postgres.url);
    return { databaseUrl: postgres.url, redisUrl: redis.url, directory, environment, admin, ...items, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function fill(environment: NodeJS.ProcessEnv, command: readonly string[]): Promise<void> {
  const cli = join(DIST, 'apps/api/src/cli.js');
  const output = await run({ command: process.execPath, args: [cli, ...command], environment });
  process.stderr.write(output);
}

async function readItems(databaseUrl: string): Promise<Pick<World, 'ids' | 'ownerId'>> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('VACUUM ANALYZE');
    const { rows } = await client.query<{ id: string; owner: string }>(
      'SELECT id, owner_id AS owner FROM items ORDER BY created_at, id',
    );
    return { ids: rows.map(({ id }) => id), ownerId: rows[0]?.owner ?? '' };
  } finally {
    await client.end();
  }
}
