import { type Connection, Query } from 'pg';
import { LoggedDatabase } from '../test/logged-database';
import { createChangeLog, dropChangeLog, LOGGED_TABLES, logChanges } from './change-log';

let log: LoggedDatabase;
beforeAll(async () => {
  log = await LoggedDatabase.create();
});
afterEach(() => log.disconnect());
afterAll(() => log.close());

beforeEach(async () => {
  await log.client.query(`TRUNCATE orders, lines`);
  await log.client.query(`INSERT INTO orders VALUES (1, 'one'), (2, 'two'), (3, 'three')`);
  await log.client.query(`INSERT INTO lines VALUES (11, 1), (12, 1), (21, 2)`);
  await log.logged();
});

const tagsOf = (table: string, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => `${table}:${from + at}`).sort();

/** What psql's \copy sends. */
class CopyIn extends Query {
  constructor(
    text: string,
    private readonly lines: string,
  ) {
    super(text);
  }

  handleCopyInResponse(connection: Connection & { sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void }): void {
    connection.sendCopyFromChunk(Buffer.from(this.lines));
    connection.endCopyFrom();
  }
}

describe('a statement logs what it changes', () => {
  it.each<[statement: string, tags: string[][]]>([
    [`INSERT INTO orders VALUES (4)`, [['orders:4']]],
    [`INSERT INTO orders VALUES (4), (5), (-6)`, [['orders:-6', 'orders:4', 'orders:5']]],
    [`INSERT INTO orders SELECT n FROM generate_series(4, 6) AS n`, [tagsOf('orders', 4, 6)]],
    [`INSERT INTO orders SELECT n FROM generate_series(4, 3) AS n`, []],
    [`UPDATE orders SET name = 'x' WHERE id = 1`, [['orders:1']]],
    [`UPDATE orders SET name = name`, [tagsOf('orders', 1, 3)]],
    [`UPDATE orders SET id = 7 WHERE id = 3`, [['orders:3', 'orders:7']]],
    [`UPDATE orders SET name = 'x' WHERE id = 99`, []],
    [`DELETE FROM orders WHERE id = 3`, [['orders:3']]],
    [`DELETE FROM orders WHERE id = 99`, []],
    [`INSERT INTO orders VALUES (1), (9) ON CONFLICT (id) DO UPDATE SET name = 'x'`, [['orders:1'], ['orders:9']]],
    [`INSERT INTO orders VALUES (1), (9) ON CONFLICT DO NOTHING`, [['orders:9']]],
    [`INSERT INTO orders VALUES (1) ON CONFLICT DO NOTHING`, []],
    [
      `MERGE INTO orders USING (VALUES (1), (3), (9)) AS wanted (id) ON orders.id = wanted.id
       WHEN MATCHED AND orders.id = 3 THEN DELETE WHEN MATCHED THEN UPDATE SET name = 'x' WHEN NOT MATCHED THEN INSERT VALUES (wanted.id)`,
      [['orders:1'], ['orders:3'], ['orders:9']],
    ],
    [`TRUNCATE lines`, [['lines:*']]],
    [`TRUNCATE orders CASCADE`, [['lines:*'], ['orders:*']]],
    [`DELETE FROM orders WHERE id = 1`, [['lines:11', 'lines:12'], ['orders:1']]],
    [`UPDATE orders SET id = 8 WHERE id = 2`, [['lines:21'], ['orders:2', 'orders:8']]],
    [
      `WITH gone AS (DELETE FROM lines WHERE order_id = 1 RETURNING id) INSERT INTO orders SELECT id FROM gone`,
      [
        ['lines:11', 'lines:12'],
        ['orders:11', 'orders:12'],
      ],
    ],
    [`DO 'BEGIN DELETE FROM lines WHERE id = 11; DELETE FROM lines WHERE id = 12; END'`, [['lines:11'], ['lines:12']]],
    [`INSERT INTO orders SELECT n FROM generate_series(1001, 2000) AS n`, [tagsOf('orders', 1001, 2000)]],
    [`INSERT INTO orders SELECT n FROM generate_series(1001, 2001) AS n`, [['orders:*']]],
  ])('%s', async (statement, tags) => {
    await log.client.query(statement);
    expect(await log.loggedTags()).toEqual(tags);
  });

  it('COPY orders FROM STDIN', async () => {
    await new Promise((resolve, reject) => {
      const copy = log.client.query(new CopyIn('COPY orders FROM STDIN', '4\tfour\n5\tfive\n'));
      copy.on('end', resolve).on('error', reject);
    });
    expect(await log.loggedTags()).toEqual([['orders:4', 'orders:5']]);
  });

  it.each([
    [500, tagsOf('orders', 1001, 2000)],
    [501, ['orders:*']],
  ])('an UPDATE of %d primary keys, which are twice as many ids', async (count, tags) => {
    await log.client.query(`INSERT INTO orders SELECT n FROM generate_series(1001, 1000 + ${count}) AS n`);
    await log.logged();
    await log.client.query(`UPDATE orders SET id = id + ${count} WHERE id > 1000`);
    expect(await log.loggedTags()).toEqual([tags]);
  });

  it.each(['DELETE FROM orders WHERE id > 1000', `UPDATE orders SET name = name || 'x' WHERE id > 1000`])(
    'of a thousand rows each, of more rows that they are many: %s',
    async (statement) => {
      for (const [count, tags] of [
        [1_000, tagsOf('orders', 1001, 2000)],
        [1_001, ['orders:*']],
      ] as const) {
        await log.client.query(`TRUNCATE orders CASCADE`);
        await log.client.query(`INSERT INTO orders SELECT n, n FROM generate_series(1001, 1000 + ${count}) AS n`);
        await log.logged();
        await log.client.query(statement);
        expect(await log.loggedTags()).toEqual([tags]);
      }
    },
  );

  it('through a view', async () => {
    await log.client.query(`CREATE VIEW some_orders AS SELECT id AS number, name FROM orders WHERE id < 100`);
    await log.client.query(`UPDATE some_orders SET name = 'x' WHERE number = 2`);
    await log.client.query(`DROP VIEW some_orders`);
    expect(await log.loggedTags()).toEqual([['orders:2']]);
  });

  it.each([
    ['uuid', '0198c0de-0000-7000-8000-000000000001'],
    ['text', `a:b,{"c"}\\ \n'é`],
    ['bigint', '9223372036854775807'],
  ])('with ids of the type %s', async (type, id) => {
    await log.migrate(async (runner) => {
      await runner.query(`CREATE TABLE things (id ${type} PRIMARY KEY)`);
      await logChanges(runner, 'things');
    });
    await log.client.query(`INSERT INTO things VALUES ($1)`, [id]);
    await log.client.query(`DROP TABLE things`);
    expect(await log.loggedTags()).toEqual([[`things:${id}`]]);
  });
});

describe('a transaction', () => {
  it('is the one that is logged, and the log changes with it', async () => {
    const other = await log.connect();
    await other.query('BEGIN');
    const { rows } = await other.query<{ xid: string }>(`SELECT pg_current_xact_id()::text AS xid`);
    await other.query(`DELETE FROM lines WHERE id = 11`);
    await other.query('SAVEPOINT one');
    await other.query(`DELETE FROM lines WHERE id = 12`);
    await other.query('SAVEPOINT two');
    await other.query(`DELETE FROM lines WHERE id = 21`);
    await other.query('ROLLBACK TO two');
    expect(await log.logged()).toEqual([]);
    await other.query('COMMIT');
    const xid = rows[0]?.xid;
    expect(await log.logged()).toEqual([
      { xid, tags: ['lines:11'] },
      { xid, tags: ['lines:12'] },
    ]);
  });

  it('that is rolled back leaves nothing', async () => {
    await log.client.query('BEGIN');
    await log.client.query(`DELETE FROM lines`);
    await log.client.query('ROLLBACK');
    expect(await log.logged()).toEqual([]);
  });
});

describe('the tables all of whose changes are logged', () => {
  const names = async (): Promise<string[]> => {
    const { rows } = await log.client.query<{ name: string }>(LOGGED_TABLES);
    return rows.map(({ name }) => name).sort();
  };

  it.each<[change: string, back: string, tables: string[]]>([
    ['DISABLE TRIGGER orders_log_truncate', 'ENABLE TRIGGER orders_log_truncate', ['lines']],
    ['DISABLE TRIGGER ALL', 'ENABLE TRIGGER ALL', ['lines']],
    ['ENABLE REPLICA TRIGGER orders_log_insert', 'ENABLE TRIGGER orders_log_insert', ['lines']],
    ['ENABLE ALWAYS TRIGGER orders_log_insert', 'ENABLE TRIGGER orders_log_insert', ['lines', 'orders']],
  ])('after %s', async (change, back, tables) => {
    await log.client.query(`ALTER TABLE orders ${change}`);
    expect(await names()).toEqual(tables);
    await log.client.query(`ALTER TABLE orders ${back}`);
    expect(await names()).toEqual(['lines', 'orders']);
  });

  it('do not count one that lost a trigger, or has none', async () => {
    await log.migrate(async (runner) => {
      for (const name of ['things', 'others']) await runner.query(`CREATE TABLE ${name} (id int)`);
      await logChanges(runner, 'things');
      await runner.query(`DROP TRIGGER things_log_delete ON things`);
    });
    expect(await names()).toEqual(['lines', 'orders']);
    await log.client.query(`DROP TABLE things, others`);
  });

  it('are called in the log as they are called now', async () => {
    await log.client.query(`ALTER TABLE lines RENAME TO parts`);
    await log.client.query(`DELETE FROM parts WHERE id = 11`);
    const renamed = [await names(), await log.loggedTags()];
    await log.client.query(`ALTER TABLE parts RENAME TO lines`);
    expect(renamed).toEqual([['orders', 'parts'], [['parts:11']]]);
  });

  it('may have a name that SQL has another use for', async () => {
    await log.migrate(async (runner) => {
      await runner.query(`CREATE TABLE "order" (id int)`);
      await logChanges(runner, 'order');
    });
    expect(await names()).toContain('order');
    await log.client.query(`DROP TABLE "order"`);
  });
});

it('can be undone, and done again', async () => {
  await log.migrate(dropChangeLog);
  await log.client.query(`DELETE FROM lines`);
  const { rows } = await log.client.query(
    `SELECT tgname FROM pg_trigger WHERE NOT tgisinternal UNION SELECT relname FROM pg_class WHERE relname LIKE 'change_log%'`,
  );
  expect(rows).toEqual([]);
  await log.migrate(async (runner) => {
    await createChangeLog(runner);
    await logChanges(runner, 'orders');
  });
  await log.client.query(`INSERT INTO orders VALUES (4)`);
  const { rows: again } = await log.client.query(`SELECT tags FROM change_log`);
  expect(again).toEqual([{ tags: ['orders:4'] }]);
});
