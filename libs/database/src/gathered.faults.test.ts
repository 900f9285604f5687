import sql from 'sql-template-tag';
import { GatheringWorld, type Named } from '../test/gathering';
import { createDataSource } from './data-source';
import { Database } from './database';
import { DatabaseUnavailable } from './failures';

let world: GatheringWorld;
beforeAll(async () => (world = await GatheringWorld.create()));
afterAll(() => world.close());
beforeEach(async () => {
  await world.orders.one('1');
  world.sent();
});

const settled = (reads: readonly Promise<unknown>[]) => Promise.allSettled(reads);
const failureIn = (result: PromiseSettledResult<unknown>): unknown =>
  result.status === 'rejected' ? result.reason : undefined;

it('a bad key fails alone', async () => {
  const release = await world.hold();
  const first = world.orders.one('1');
  const reads = [world.orders.one('2'), world.orders.one('no number'), world.orders.one('3')];
  await release();
  await first;
  const [second, bad, third] = await settled(reads);
  expect([second, third]).toMatchObject([{ value: { id: 2 } }, { value: { id: 3 } }]);
  expect(failureIn(bad!)).toMatchObject({ code: '22P02' });
  expect(world.sent()).toHaveLength(1 + 1 + 3);
});

it.each([
  ['a lock that is not free in time', () => Promise.resolve(), { code: '55P03' }],
  [
    'a lost connection',
    async (pids: number[]) => void (await world.log.client.query('SELECT pg_terminate_backend($1)', pids)),
    expect.any(DatabaseUnavailable),
  ],
])('%s fails the batch, which is not sent again', async (_, harm, failure) => {
  const release = await world.hold();
  const reads = [world.orders.many(['1', '2', '3'])];
  const pids = await world.waiting(1);
  await harm(pids);
  const failures = (await settled(reads)).map(failureIn);
  expect(failures).toEqual(reads.map(() => (failure instanceof Object && 'code' in failure ? expect.objectContaining(failure) : failure))); // prettier-ignore
  expect(world.sent().filter((text) => text.includes('ANY'))).toHaveLength(1);
  await release();
  await expect(world.orders.one('4')).resolves.toEqual({ id: 4, name: 'number 4' });
});

it('an idle connection that is lost is replaced by the next read', async () => {
  const lost: string[] = [];
  const stop = world.log.telemetry.on('database.lost', ({ reason }) => void lost.push(reason));
  await world.log.client.query(`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE '%ANY($1::int[])%' AND pid <> pg_backend_pid()`);
  while (lost.length === 0) await new Promise(setImmediate);
  stop();
  await expect(world.orders.one('5')).resolves.toMatchObject({ id: 5 });
});

it('columns of another type make the statement anew, and nobody notices', async () => {
  await world.log.client.query('ALTER TABLE orders ALTER name TYPE varchar(99)');
  await expect(world.orders.many(['5', '6'])).resolves.toEqual(
    new Map([['5', { id: 5, name: 'number 5' }], ['6', { id: 6, name: 'number 6' }]]), // prettier-ignore
  );
});

it('whoever aborts is refused with his reason, and what only he wanted is not sent', async () => {
  const release = await world.hold();
  const first = world.orders.one('1');
  const [one, two] = [new AbortController(), new AbortController()];
  const reads = [
    world.orders.one('8', { signal: one.signal }),
    world.orders.one('8'),
    world.orders.one('no number', { signal: two.signal }),
    world.orders.one('9', { signal: AbortSignal.abort(new Error('before')) }),
  ];
  one.abort(new Error('enough'));
  two.abort(new Error('me too'));
  await release();
  const [aborted, kept, alone, early] = await settled(reads);
  expect(kept).toMatchObject({ value: { id: 8 } });
  expect([aborted, alone, early].map((result) => (failureIn(result!) as Error).message)).toEqual(['enough', 'me too', 'before']); // prettier-ignore
  await first;
  expect(world.sent()).toHaveLength(2);
});

it('whoever could not be sent within a second is refused, and so is all that waits when it closes', async () => {
  const database = world.withLanes(1);
  const select = sql`SELECT id, name, pg_sleep(1.5)::text AS slept FROM orders`;
  const slow = database.gather<Named>({ name: 'slow', by: 'id', type: 'int', select });
  const startedAt = performance.now();
  const first = slow.one('1');
  const late = failureIn((await settled([slow.one('2')]))[0]!);
  expect(late).toBeInstanceOf(DatabaseUnavailable);
  expect(performance.now() - startedAt).toBeGreaterThan(950);
  expect(performance.now() - startedAt).toBeLessThan(1_450);
  const rest = settled([first, slow.one('3')]);
  database.lanes.close();
  expect((await rest).map(failureIn)).toEqual([expect.any(DatabaseUnavailable), expect.any(DatabaseUnavailable)]);
  await expect(async () => slow.one('4')).rejects.toThrow(DatabaseUnavailable);
});

it('without a database, reads are refused at once', async () => {
  const { telemetry } = world.log;
  const url = 'postgres://nobody@127.0.0.1:1/nothing';
  const database = new Database(createDataSource({ url, poolSize: 1, migrations: [], telemetry }));
  const select = sql`SELECT id FROM orders`;
  const orders = database.gather<Named>({ name: 'orders', by: 'id', type: 'int', select });
  await expect(orders.one('1')).rejects.toThrow(DatabaseUnavailable);
  // Lost later: each connection is refused, and so is whoever waits for it.
  Object.defineProperty(database.dataSource, 'isInitialized', { value: true });
  const failures = await settled(['1', '2', '3', '4', '5', '6'].map((key) => orders.one(key)));
  expect(failures.map(failureIn)).toEqual(Array(6).fill(expect.any(DatabaseUnavailable)));
});
