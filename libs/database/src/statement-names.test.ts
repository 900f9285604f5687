import sql, { type Sql } from 'sql-template-tag';
import { LoggedDatabase } from '../test/logged-database';
import { StatementNames } from './statement-names';

let log: LoggedDatabase;
let statements: string[] = [];

beforeEach(async () => {
  log = await LoggedDatabase.create();
  log.telemetry.on('database.statement', ({ sql: text }) => statements.push(text));
  statements = [];
});
afterEach(() => log.close());

const insert = (id: number): Promise<{ id: number; name: string }[]> =>
  log.database.write(sql`INSERT INTO orders (id, name) VALUES (${id}, ${`n${id}`}) RETURNING id, name`);
/** What is prepared on the pool's connection: one caller at a time keeps to one. */
const prepared = async (): Promise<string[]> => {
  const found: Sql = sql`SELECT name FROM pg_prepared_statements ORDER BY prepare_time`;
  return (await log.database.rows<{ name: string }>(found)).map(({ name }) => name);
};

it('a write is prepared once, whatever its values; what only reads is not', async () => {
  expect([await insert(1), await insert(2)]).toEqual([[{ id: 1, name: 'n1' }], [{ id: 2, name: 'n2' }]]);
  expect(await prepared()).toEqual([expect.stringMatching(/^floodgate_0_[\w-]{22}$/)]);
});

it('is given up after some refusals, as by a pooler that gives each statement another connection', async () => {
  await insert(1);
  for (let id = 2; id < 8; id++) {
    await log.database.rows(sql`DEALLOCATE ALL`);
    expect(await insert(id)).toEqual([{ id, name: `n${id}` }]);
  }
  await insert(8);
  expect(await prepared()).toEqual([]);
});

it('of a table that was altered is given anew', async () => {
  await insert(1);
  await log.client.query('ALTER TABLE orders ALTER name TYPE varchar(20)');
  statements = [];
  expect([await insert(2), statements.length]).toEqual([[{ id: 2, name: 'n2' }], 2]);
  expect([await insert(3), statements.length]).toEqual([[{ id: 3, name: 'n3' }], 3]);
  expect((await prepared()).map((name) => name.slice(0, 11))).toEqual(['floodgate_0', 'floodgate_1']);
});

it('does not hide what is wrong with a statement', async () => {
  await insert(1);
  const names = await prepared();
  await expect(insert(1)).rejects.toMatchObject({ code: '23505' });
  const count = await log.client.query('SELECT FROM orders');
  // The connection is still there.
  expect([count.rows.length, await prepared()]).toEqual([1, names]);
});

it('that is taken, or gone, or means something else is refused once for all who had it', () => {
  for (const code of ['26000', '42P05', '0A000']) {
    const names = new StatementNames();
    const first = names.of('SELECT 1') as string;
    expect([1, 2, 3, 4].map(() => names.isRefused('SELECT 1', first, { code }))).toEqual(Array(4).fill(true));
    const second = names.of('SELECT 1') as string;
    expect(second.slice(-22)).toBe(first.slice(-22));
    expect(second).not.toBe(first);
    expect(names.isRefused('SELECT 1', second, { code: '23505' })).toBe(false);
    expect(names.of('SELECT 1')).toBe(second);
  }
});

it('are a hundred at most', () => {
  const names = new StatementNames();
  const given = Array.from({ length: 150 }, (_, n) => names.of(`SELECT ${n}`));
  expect(new Set(given.slice(0, 100)).size).toBe(100);
  expect(given.slice(100)).toEqual(Array(50).fill(undefined));
  expect(names.of('SELECT 7')).toBe(given[7]);
});
