import { createDataSource, Database, during, Lifetime, sql } from '@app/database';
import { Telemetry } from '@app/telemetry';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { createDatabase } from '../../../test/support/database';
import { type FaultProxy, startProxy } from '../../../test/support/proxy';
import { failureOf } from './failures';

/** Longer than a statement may take, and than its end is awaited. */
const SECONDS = 2.6;
const LOST_WITHIN = 2_500;

let proxy: FaultProxy;
let dataSource: DataSource;
let database: Database;
let other: Client;
let drop: () => Promise<void>;

beforeAll(async () => {
  const made = await createDatabase('empty');
  drop = made.drop;
  other = new Client({ connectionString: made.url });
  await other.connect();
  const url = new URL(made.url);
  proxy = await startProxy(Number(url.port));
  url.port = String(proxy.port);
  // One connection: what a stream leaves behind there, the next statement meets.
  dataSource = createDataSource({ url: url.href, poolSize: 1, migrations: [], telemetry: new Telemetry() });
  await dataSource.initialize();
  database = new Database(dataSource);
});
afterAll(async () => {
  proxy.heal();
  await dataSource.destroy();
  await proxy.close();
  await other.end();
  await drop();
});

async function count(query = sql`SELECT 1`): Promise<number> {
  const rows: object[] = [];
  for await (const row of database.stream(query)) rows.push(row);
  return rows.length;
}

it('rows may be long in coming, the first and those of a later fetch', async () => {
  expect(await count(sql`SELECT n FROM pg_sleep(${SECONDS}), generate_series(1, 2500) AS n`)).toBe(2_500);
  const late = sql`SELECT CASE n WHEN 1500 THEN pg_sleep(${SECONDS}) END FROM generate_series(1, 1500) AS n`;
  expect(await count(late)).toBe(1_500);
});

it('whoever waits no longer has the fetch cancelled, and the connection is free', async () => {
  const caller = new Lifetime();
  const left = during(caller, () => count(sql`SELECT pg_sleep(10)`)).catch((error: unknown) => error);
  const fetching = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE 'FETCH %'`;
  while ((await other.query(fetching)).rowCount === 0);
  caller.end(new Error('The caller has gone.'));
  expect(await left).toMatchObject({ code: '57014' });
  expect(await count()).toBe(1);
});

it('what comes after it on its connection has the usual time, on the server and here', async () => {
  await count();
  await expect(database.rows(sql`SELECT pg_sleep(${SECONDS})`)).rejects.toMatchObject({ code: '57014' });
  await count();
  proxy.freeze();
  const startedAt = performance.now();
  const failure = await database.rows(sql`SELECT 1`).catch((error: unknown) => failureOf(error)?.kind);
  expect(failure).toBe('unavailable');
  expect(performance.now() - startedAt).toBeLessThan(LOST_WITHIN);
});
