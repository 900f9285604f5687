import type { Client } from 'pg';
import sql, { type Sql } from 'sql-template-tag';
import { LoggedDatabase } from '../test/logged-database';
import type { Committed } from './transaction';
import { failureOf } from './failures';

/** What the feed was told, and whether others could see the row by then. */
const told: { xid: number; isThere: boolean }[] = [];
let statements: string[] = [];
let log: LoggedDatabase;
let other: Client;

beforeAll(async () => {
  const committed = async (xid: number): Promise<void> => {
    const { rows } = await other.query(`SELECT FROM change_log WHERE xid = $1`, [String(xid)]);
    told.push({ xid, isThere: rows.length > 0 });
  };
  log = await LoggedDatabase.create({ committed });
  other = await log.connect();
  log.telemetry.on('database.statement', ({ sql: text }) => statements.push(text));
  await log.client.query(`
    ALTER TABLE orders ADD later int, ADD CONSTRAINT orders_later_key UNIQUE (later) DEFERRABLE INITIALLY DEFERRED`);
});
afterAll(() => log.close());
beforeEach(async () => {
  await log.client.query(`TRUNCATE orders, lines`);
  await log.client.query(`INSERT INTO orders VALUES (1, 'one', 1)`);
  await log.logged();
  told.length = 0;
  statements = [];
});

const stored = async (): Promise<string[]> => {
  const { rows } = await log.client.query<{ name: string }>(`SELECT name FROM orders ORDER BY id`);
  return rows.map(({ name }) => name);
};

describe('write()', () => {
  it('gives rows as rows() does, of each type', async () => {
    const returning = sql`RETURNING id, name, later AS "isLater", NULL AS nothing, 'text' AS text, 1.5::numeric AS exact, 9007199254740991 AS big,
      0.1::float8 AS inexact, true AS yes, '{"a": [1, null]}'::jsonb AS json, ARRAY['a', NULL, '{}'] AS list, ARRAY[1, 2]::bigint[] AS numbers,
      '2026-01-02T03:04:05.678Z'::timestamptz AS time, '2026-01-02'::date AS day, '\\x00ff'::bytea AS bytes, '1 day'::interval AS length,
      '0198c0de-0000-7000-8000-000000000001'::uuid AS uuid, (1, 'x')::text AS record, orders AS whole`;
    const insert = (): Sql => sql`INSERT INTO orders (id) VALUES (5), (6) ${returning}`;
    const written = await log.database.write(insert());
    await log.client.query(`DELETE FROM orders WHERE id > 1`);
    const plain = await log.database.rows(insert());
    expect(written).toEqual(plain);
    expect(written.map((row) => Object.keys(row))).toEqual(plain.map((row) => Object.keys(row)));
    expect(written).toHaveLength(2);
  });

  it('gives a row that is empty, or nothing but null', async () => {
    const write = (id: number, columns: Sql) =>
      log.database.write(sql`INSERT INTO orders (id) VALUES (${id}) RETURNING ${columns}`);
    expect(await write(5, sql`name`)).toEqual([{ name: null }]);
    expect(await write(6, sql`name, later`)).toEqual([{ name: null, later: null }]);
  });

  it.each([
    ['an UPDATE of none', sql`UPDATE orders SET name = 'x' WHERE id = 99 RETURNING id`],
    ['an INSERT that finds a conflict', sql`INSERT INTO orders (id) VALUES (1) ON CONFLICT DO NOTHING RETURNING id`],
    ['a DELETE of none', sql`DELETE FROM orders WHERE false RETURNING *`],
  ])('gives no rows, and tells no transaction, for %s', async (_, statement) => {
    const committed: Committed = {};
    expect(await log.database.witness(committed, () => log.database.write(statement))).toEqual([]);
    expect([committed.xid, told]).toEqual([undefined, []]);
  });

  it('is one statement, and tells its transaction when others see it', async () => {
    const committed: Committed = {};
    await log.database.witness(committed, () => log.database.write(sql`DELETE FROM orders RETURNING id`));
    const [logged] = await log.logged();
    expect(statements).toHaveLength(1);
    expect([committed.xid, told]).toEqual([Number(logged?.xid), [{ xid: Number(logged?.xid), isThere: true }]]);
  });

  it.each([
    ['23505', 'orders_pkey', sql`INSERT INTO orders (id) VALUES (1) RETURNING id`],
    ['23503', 'lines_order_id_fkey', sql`INSERT INTO lines VALUES (1, 99) RETURNING id`],
    ['23502', undefined, sql`INSERT INTO lines (id) VALUES (1) RETURNING id`],
    ['23505', 'orders_later_key', sql`INSERT INTO orders VALUES (2, 'two', 1) RETURNING id`],
  ])('that violates a constraint fails as before: %s %s', async (sqlState, constraint, statement) => {
    const failure = await log.database.write(statement).catch(failureOf);
    expect(failure).toEqual({ kind: 'violation', sqlState, constraint });
    expect([await stored(), told]).toEqual([['one'], []]);
  });

  it('that collides with another transaction is tried again, three times at most', async () => {
    await log.client.query(`
      CREATE SEQUENCE collisions;
      CREATE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('collisions') < 8 THEN RAISE EXCEPTION 'collision' USING ERRCODE = '40P01'; END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER collide BEFORE INSERT ON lines FOR EACH ROW EXECUTE FUNCTION collide()`);
    const insert = () => log.database.write(sql`INSERT INTO lines VALUES (1, 1) RETURNING id`);
    expect(await insert().catch(failureOf)).toMatchObject({ kind: 'conflict' });
    expect(statements).toHaveLength(4);
    expect(await insert()).toEqual([{ id: 1 }]);
    expect([statements.length, told.length]).toEqual([8, 1]);
    await log.client.query(`DROP TRIGGER collide ON lines`);
  });

  it('joins a transaction, and goes with it', async () => {
    const work = log.database.transaction(async () => {
      expect(await log.database.write(sql`INSERT INTO orders VALUES (2, 'two') RETURNING id`)).toEqual([{ id: 2 }]);
      expect(told).toEqual([]);
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect([await stored(), told, await log.logged()]).toEqual([['one'], [], []]);
  });
});

describe('witness()', () => {
  it('knows the last of several transactions, and none that failed', async () => {
    const committed: Committed = {};
    await log.database.witness(committed, async () => {
      await log.database.write(sql`INSERT INTO orders VALUES (2, 'two') RETURNING id`);
      await log.database.transaction(() => log.database.rows(sql`DELETE FROM orders WHERE id = 2`));
      await log.database.write(sql`INSERT INTO orders VALUES (1) RETURNING id`).catch(() => undefined);
      await log.database.transaction(() => log.database.rows(sql`SELECT 1`));
    });
    const logged = await log.logged();
    expect(logged).toHaveLength(2);
    expect(committed.xid).toBe(Number(logged[1]?.xid));
  });

  it('of one work knows nothing of another', async () => {
    const [one, two]: [Committed, Committed] = [{}, {}];
    const write = (id: number) => log.database.write(sql`INSERT INTO orders VALUES (${id}) RETURNING id`);
    await Promise.all([log.database.witness(one, () => write(2)), log.database.witness(two, () => write(3))]);
    await write(4);
    const xids = (await log.logged()).map(({ xid, tags }) => [tags[0], Number(xid)]);
    expect(Object.fromEntries(xids)).toMatchObject({ 'orders:2': one.xid, 'orders:3': two.xid });
  });
});
