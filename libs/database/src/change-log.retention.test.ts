import { LoggedDatabase } from '../test/logged-database';
import { forgetOldChanges } from './change-log.retention';

const HOUR_MS = 3_600_000;
let log: LoggedDatabase;
beforeAll(async () => {
  log = await LoggedDatabase.create();
});
afterEach(() => log.disconnect());
afterAll(() => log.close());

beforeEach(async () => {
  await log.client.query(`TRUNCATE orders, lines`);
  await log.client.query(`TRUNCATE change_log, change_log_marks`);
  await log.client.query(`INSERT INTO change_log_marks DEFAULT VALUES`);
});

const forget = (): Promise<void> => forgetOldChanges(log.database, HOUR_MS);

/** As `forget`, when no transaction is in progress, in other databases of the server neither. */
async function forgetInPeace(): Promise<void> {
  const { rows } = await log.client.query<{ xid: string }>(`SELECT pg_current_xact_id()::text AS xid`);
  const isOver = `SELECT pg_snapshot_xmin(pg_current_snapshot()) > $1::xid8 AS yes`;
  while ((await log.client.query<{ yes: boolean }>(isOver, [rows[0]?.xid])).rows[0]?.yes !== true);
  await forget();
}

/** Makes the marks that are there older by so many hours. */
const age = (hours: number) =>
  log.client.query(`UPDATE change_log_marks SET seen_at = seen_at - make_interval(mins => ${hours * 60})`);

const write = (id: number, client = log.client) => client.query(`INSERT INTO orders VALUES (${id})`);

async function kept(): Promise<string[]> {
  const { rows } = await log.client.query<{ tags: string[] }>(`SELECT tags FROM change_log ORDER BY id`);
  return rows.flatMap(({ tags }) => tags);
}

/** From where on the log says that it is complete, and where it would be too late. */
async function floor(): Promise<{ floor: number; marks: number; next: number }> {
  const { rows } = await log.client.query<{ floor: string; marks: string; next: string }>(
    `SELECT min(horizon)::text AS floor, count(*) AS marks, pg_snapshot_xmax(pg_current_snapshot())::text AS next FROM change_log_marks`,
  );
  const [{ floor, marks, next }] = rows as [{ floor: string; marks: string; next: string }];
  return { floor: Number(floor), marks: Number(marks), next: Number(next) };
}

const xidOf = async (tag: string): Promise<number> => {
  const { rows } = await log.client.query<{ xid: string }>(`SELECT xid::text FROM change_log WHERE $1 = ANY(tags)`, [
    tag,
  ]);
  return Number(rows[0]?.xid);
};

it('what is young stays, what is old goes, and the log says from where on it is complete', async () => {
  await write(1);
  await forgetInPeace();
  await age(0.5);
  await write(2);
  const second = await xidOf('orders:2');
  await forget();
  expect(await kept()).toEqual(['orders:1', 'orders:2']);
  await age(0.6);
  await write(3);
  await forgetInPeace();
  expect(await kept()).toEqual(['orders:2', 'orders:3']);
  expect((await floor()).floor).toBeLessThanOrEqual(second);
  await age(2);
  await forget();
  expect(await kept()).toEqual([]);
  expect((await floor()).floor).toBeGreaterThan(second);
});

it('what a transaction that committed late has written stays, however old the row is', async () => {
  const late = await log.connect();
  await late.query('BEGIN');
  await write(1, late);
  await write(2);
  for (let hour = 0; hour < 5; hour++) {
    await forget();
    await age(2);
  }
  expect(await kept()).toEqual(['orders:2']);
  await late.query('COMMIT');
  const xid = await xidOf('orders:1');
  await forgetInPeace();
  expect(await kept()).toEqual(['orders:1', 'orders:2']);
  expect((await floor()).floor).toBeLessThanOrEqual(xid);
  // The mark that was just made is the first to know that it has ended.
  await age(2);
  await forget();
  expect(await kept()).toEqual([]);
  expect((await floor()).floor).toBeGreaterThan(xid);
});

it('at least one mark stays, however short the retention', async () => {
  for (let times = 0; times < 5; times++) {
    await write(times);
    await forgetOldChanges(log.database, 0);
    const { floor: from, marks, next } = await floor();
    expect([marks > 0, from > 0 && from <= next]).toEqual([true, true]);
  }
  await age(1_000);
  await forgetOldChanges(log.database, HOUR_MS);
  expect((await floor()).marks).toBeGreaterThan(0);
});

it('more than is deleted by one statement goes as well', async () => {
  await log.client.query(`INSERT INTO change_log (tags) SELECT '{orders:1}' FROM generate_series(1, 25000)`);
  await forgetInPeace();
  await age(2);
  await write(2);
  await forget();
  expect(await kept()).toEqual(['orders:2']);
});

it('all instances may do it at once', async () => {
  await log.client.query(`INSERT INTO change_log (tags) SELECT '{orders:1}' FROM generate_series(1, 1000)`);
  await forgetInPeace();
  await age(2);
  await write(2);
  await Promise.all([1, 2, 3, 4].map(forget));
  expect(await kept()).toEqual(['orders:2']);
  expect((await floor()).marks).toBeGreaterThan(0);
});

it('without any mark, nothing goes until one is old', async () => {
  await log.client.query(`TRUNCATE change_log_marks`);
  await write(1);
  await forget();
  expect([await kept(), (await floor()).marks]).toEqual([['orders:1'], 1]);
});

it('what a dump has brought from a server with higher ids goes, so that the log is good again', async () => {
  // As restored: rows and marks of transactions that this server will only see in years.
  await log.client.query(`INSERT INTO change_log (xid, tags) VALUES ('4000000000', '{orders:9}')`);
  await log.client.query(`INSERT INTO change_log_marks VALUES ('4000000001', now() - interval '1 day')`);
  await write(1);
  await forget();
  await forget();
  const { floor: from, next } = await floor();
  expect({ kept: await kept(), isUsable: from <= next }).toEqual({ kept: ['orders:1'], isUsable: true });
});
