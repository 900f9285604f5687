// The moments at which a share is told: what is told is never less than what may be open, and what is given back stays so.
import { createDataSource, Database, sql } from '@app/database';
import { Telemetry } from '@app/telemetry';
import { Client } from 'pg';
import { createDatabase, type TestDatabase } from '../../../test/support/database';
import { SHARES_PACE, Shares } from './shares';

const SETTINGS = { total: 24, pool: 10, lanes: 4 };
const LOCK = 7_206_315;

let made: TestDatabase;
let database: Database;
let shares: Shares;
let other: Client;
let onlooker: Client;

beforeEach(async () => {
  made = await createDatabase();
  const dataSource = createDataSource({ url: made.url, poolSize: 1, migrations: [], telemetry: new Telemetry() });
  await dataSource.initialize();
  database = new Database(dataSource, undefined, SETTINGS.lanes);
  shares = new Shares(database, SETTINGS);
  [other, onlooker] = [1, 2].map(() => new Client({ connectionString: made.url })) as [Client, Client];
  await Promise.all([other.connect(), onlooker.connect()]);
});
afterEach(async () => {
  await shares.end();
  database.lanes.close();
  await database.dataSource.destroy();
  await Promise.all([other.end(), onlooker.end()]);
  await made.drop();
});

const held = async (): Promise<number | undefined> =>
  (await onlooker.query<{ held: number }>(`SELECT held FROM instances WHERE held < 20`)).rows[0]?.held;

/** Resolves when a statement like that waits for a lock. */
async function waiting(statement: string): Promise<void> {
  const seen = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE $1`;
  while ((await onlooker.query(seen, [`%${statement}%`])).rowCount === 0);
}

it('who shrinks opens no more from the moment before the others may have it', async () => {
  await shares.begin();
  expect(await held()).toBe(15);
  await other.query(`INSERT INTO instances VALUES (gen_random_uuid(), 20, now() + interval '1 hour')`);
  await other.query('BEGIN; SELECT FROM instances WHERE held < 20 FOR UPDATE');
  await waiting('INSERT INTO instances');
  const all = Array.from({ length: SETTINGS.pool }, () => database.rows(sql`SELECT pg_sleep(0.5)`));
  const answered = Promise.allSettled(all);
  await other.query('COMMIT');
  while ((await held()) === 15);
  expect(database.poolState().total + 2).toBeLessThanOrEqual((await held()) ?? 0);
  await answered;
  while ((await held()) !== SHARES_PACE.least);
});

it('who leaves while the share is being told leaves nothing behind', async () => {
  await shares.begin();
  // So that there is one that is idle, and its row is deleted at once.
  await Promise.all([1, 2, 3].map(() => database.rows(sql`SELECT pg_sleep(0.05)`)));
  await other.query(`SELECT pg_advisory_lock(${LOCK})`);
  await waiting('pg_advisory_xact_lock');
  const ended = shares.end();
  await other.query(`SELECT pg_advisory_unlock(${LOCK})`);
  await ended;
  // Whoever still had a share to tell has told it when this one gets the lock.
  await other.query(`SELECT pg_advisory_lock(${LOCK})`);
  expect(await held()).toBeUndefined();
});

it('who has left tells no share any more', async () => {
  await shares.end();
  await expect(shares.begin()).rejects.toThrow('has given its share back');
  expect(await held()).toBeUndefined();
});
