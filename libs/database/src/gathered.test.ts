import sql from 'sql-template-tag';
import { GatheringWorld, type Named } from '../test/gathering';
import { Provenance, provenance, tracing } from './provenance';

let world: GatheringWorld;
beforeAll(async () => (world = await GatheringWorld.create()));
afterAll(() => world.close());
beforeEach(async () => {
  await world.orders.one('1');
  world.sent();
});

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, n) => String(from + n));

it('a read leaves at once while a lane is idle, and gives the row or nothing', async () => {
  const reading = world.orders.one('7');
  expect(world.database.lanes.counts.idle).toBe(0);
  await expect(reading).resolves.toEqual({ id: 7, name: 'number 7' });
  await expect(world.orders.one('7000')).resolves.toBeUndefined();
  await expect(world.orders.many([])).resolves.toEqual(new Map());
  expect(world.sent()).toHaveLength(2);
});

it('what is asked for while all lanes are busy leaves in one statement, with each key once', async () => {
  const release = await world.hold();
  const first = world.orders.one('1');
  const others = numbers(1, 100).map((key) => world.orders.one(key));
  const again = Array.from({ length: 500 }, () => world.orders.one('2'));
  const many = world.orders.many(['3', '4', '3', '5000']);
  await release();
  const read = await Promise.all([first, ...others, ...again]);
  expect(read.slice(1, 101).map((row) => row?.id)).toEqual(numbers(1, 100).map(Number));
  expect(new Set(read.slice(101))).toEqual(new Set([{ id: 2, name: 'number 2' }]));
  expect([...(await many).keys()].sort()).toEqual(['3', '4']);
  expect(world.sent()).toEqual(Array(2).fill(expect.stringContaining('= ANY($1::int[])')));
});

it('several lanes work at the same time; what comes together while one works leaves together by the next', async () => {
  const database = world.withLanes(2);
  const select = sql`SELECT id, name FROM orders`;
  const orders = database.gather<Named>({ name: 'orders_by_id', by: 'id', type: 'int', select });
  const release = await world.hold();
  const reading = ['1', '2', '3', '4'].map((key) => orders.one(key));
  await world.waiting(2);
  await release();
  await Promise.all(reading);
  expect(world.sent()).toHaveLength(2);
  database.lanes.close();
});

it('a statement has 256 keys at most', async () => {
  const found = await world.orders.many(numbers(1, 600));
  expect(found.size).toBe(600);
  expect(found.get('600')).toEqual({ id: 600, name: 'number 600' });
  expect(world.sent()).toHaveLength(3);
});

it('a statement is prepared once for each connection', async () => {
  const select = sql`SELECT pid, (SELECT count(*) FROM pg_prepared_statements) AS count FROM (SELECT pg_backend_pid() AS pid) AS own`;
  const own = world.database.gather<{ pid: number; count: number }>({
    name: 'own_pid',
    by: 'pid',
    type: 'int',
    select,
  });
  const pids = await world.log.client.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()`,
  );
  const keys = pids.rows.map(({ pid }) => String(pid));
  const [first] = [...(await own.many(keys)).values()];
  const [second] = [...(await own.many(keys)).values()];
  expect(first?.count).toBe(2);
  expect(second).toEqual(first);
});

it('a key in another spelling than the database has still finds its row', async () => {
  const found = await world.orders.many(['01', '2', '9999']);
  expect([...found].map(([key, { id }]) => [key, id])).toEqual(expect.arrayContaining([['01', 1], ['2', 2]])); // prettier-ignore
  expect(found.size).toBe(2);
  await expect(world.orders.one('0003')).resolves.toMatchObject({ id: 3 });
  const inTransaction = await world.database.transaction(() => world.orders.many(['01', '2']));
  expect([...inTransaction.keys()].sort()).toEqual(['01', '2']);
});

it('text keys may hold anything', async () => {
  const select = sql`SELECT id, name FROM orders`;
  const byName = world.database.gather<Named>({ name: 'orders_by_name', by: 'name', type: 'text', select });
  const names = ['a,b', '"', '\\', '{}', 'null', 'NULL', '', ' x ', 'ü😀'];
  for (const [at, name] of names.entries())
    await world.log.client.query('UPDATE orders SET name = $1 WHERE id = $2', [name, 900 + at]);
  const found = await byName.many([...names, 'none']);
  expect(names.map((name) => found.get(name)?.id)).toEqual(names.map((_, at) => 900 + at));
});

it('inside a transaction it sees what that has written, on its connection and past the lanes', async () => {
  const renamed = world.database.transaction(async () => {
    await world.database.rows(sql`UPDATE orders SET name = 'mine' WHERE id = 10`);
    const [inside, outside] = [await world.orders.one('10'), await world.orders.many(['10', '11'])];
    return [inside?.name, outside.get('10')?.name, outside.get('11')?.name];
  });
  await expect(renamed).resolves.toEqual(['mine', 'mine', 'number 11']);
});

it('each reader notes the statement for itself; a cache does not', async () => {
  const [told, cached] = [new Provenance(false), new Provenance(false)];
  await Promise.all([
    tracing(told, () => world.orders.many(['1'])),
    tracing(cached, () => world.orders.load(['1'])),
    world.orders.many(['2']),
  ]);
  expect(told.untold).toContain('ANY($1');
  expect(cached.untold).toBeUndefined();
});

it('nobody runs in the scope of somebody else, not even on a connection that he caused', async () => {
  const database = world.withLanes(1);
  const seen: unknown[] = [];
  const select = sql`SELECT id, name FROM orders`;
  const orders = database.gather<Named>({ name: 'orders_by_id', by: 'id', type: 'int', select }).as((row) => {
    seen.push(provenance());
    return row;
  });
  const scopes = [new Provenance(true), new Provenance(true), new Provenance(true)];
  const own = await Promise.all(
    scopes.map((scope, at) =>
      tracing(scope, async () => {
        await orders.one(String(at + 1));
        return provenance();
      }),
    ),
  );
  await tracing(new Provenance(true), () => orders.many(['4', '5']));
  expect(own).toEqual(scopes);
  own.forEach((scope, at) => expect(scope).toBe(scopes[at]));
  expect(seen).toEqual([undefined, undefined, undefined, undefined, undefined]);
  database.lanes.close();
});

it.each([
  [{ name: 'orders_by_id' }, 'Two gathered statements are called orders_by_id'],
  [{ name: 'x'.repeat(64) }, 'is no name of a statement'],
  [{ name: 'by id' }, 'is no name of a statement'],
  [{ name: 'one', select: sql`SELECT id FROM orders WHERE id > ${1}` }, 'has parameters'],
])('%p is refused when it is declared', (options, message) => {
  const select = sql`SELECT id FROM orders`;
  expect(() => world.database.gather({ by: 'id', type: 'int', select, ...options })).toThrow(message);
});
