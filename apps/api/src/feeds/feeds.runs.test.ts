// Whose a run is: one worker's at a time, and of what an earlier one says of it nothing holds.
import { randomUUID } from 'node:crypto';
import { Database, sql } from '@app/database';
import { type Account, TestApi } from '../../../../test/support/api';
import { type ClaimedRun, FeedRunsRepository, type Room, type RunReport } from './feeds.runs.repository';

const LEASE_SECONDS = 60;
const PER_HOST = 100;
const FEEDS = 20;

let api: TestApi;
let admin: Account;
let runs: FeedRunsRepository;
let serial = 0;

beforeAll(async () => {
  api = await TestApi.start();
  admin = await api.createAccount({ role: 'admin' });
  runs = new FeedRunsRepository(api.app.get(Database));
});
afterAll(() => api.close());

async function queue(count: number, url = 'https://supplier.example/all', clearsMissing = false): Promise<void> {
  const feedIds: string[] = [];
  for (let n = 0; n < count; n++) {
    const body = { name: `Feed ${serial++}`, url, format: 'ndjson', clearsMissing };
    feedIds.push((await api.request('POST', '/v1/feeds', { as: admin, body })).body.id as string);
  }
  await api.request('POST', '/v1/feeds/refresh', { as: admin, body: { feedIds } });
}

const room = (feeds: number, taken: Record<string, number> = {}, perHost = PER_HOST): Room => ({
  ...{ feeds, perHost, taken: new Map(Object.entries(taken)) },
});
const reportOf = ({ id, starts }: ClaimedRun, more: Partial<RunReport> = {}): RunReport => ({
  ...{ id, starts, state: 'succeeded', httpStatus: 200, received: 1, settled: 1, rejected: 0 },
  ...{ attempts: 1, bytes: 10, durationMs: 5, code: null, detail: null, errors: [], ...more },
});
const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);
const stateOf = async ({ id }: ClaimedRun): Promise<object | undefined> =>
  (await api.rows<object>(sql`SELECT state, received FROM feed_runs WHERE id = ${id}::uuid`))[0];
const expire = ({ id }: ClaimedRun): Promise<object[]> =>
  api.rows(sql`UPDATE feed_runs SET leased_until = now() - interval '1 second' WHERE id = ${id}::uuid`);

it('a run that somebody is just taking is nobody else’s, and keeps nobody waiting', async () => {
  await queue(FEEDS);
  const other = await api.join();
  const others = new FeedRunsRepository(other.app.get(Database));
  // Until the end of the transaction nobody can see whose they are.
  const taken = await api.app.get(Database).transaction(async () => {
    const own = await runs.claim(randomUUID(), room(FEEDS / 2), LEASE_SECONDS);
    return [own, await others.claim(randomUUID(), room(FEEDS), LEASE_SECONDS)];
  });
  await other.close();
  expect(taken.map((some) => some.length)).toEqual([FEEDS / 2, FEEDS / 2]);
  expect(new Set(taken.flat().map(({ id }) => id)).size).toBe(FEEDS);
});

it('of a run that another worker has taken over, what the first one says does not hold', async () => {
  await queue(1);
  const [first, second] = [randomUUID(), randomUUID()];
  const [run] = (await runs.claim(first, room(1), LEASE_SECONDS)) as [ClaimedRun];
  await expire(run);
  const [again] = (await runs.claim(second, room(1), LEASE_SECONDS)) as [ClaimedRun];
  expect(again).toMatchObject({ id: run.id, starts: run.starts + 1 });
  expect(await runs.report(first, [reportOf(run)], LEASE_SECONDS)).toEqual([]);
  expect(await stateOf(run)).toEqual({ state: 'running', received: 0 });
  expect(await runs.report(second, [reportOf(again)], LEASE_SECONDS)).toEqual([run.id]);
  expect(await stateOf(run)).toEqual({ state: 'succeeded', received: 1 });
});

it('nor what a worker says that has taken the same run twice, of the first time', async () => {
  await queue(1);
  const worker = randomUUID();
  const [run] = (await runs.claim(worker, room(1), LEASE_SECONDS)) as [ClaimedRun];
  await expire(run);
  const [again] = (await runs.claim(worker, room(1), LEASE_SECONDS)) as [ClaimedRun];
  expect(await runs.report(worker, [reportOf(run)], LEASE_SECONDS)).toEqual([]);
  expect(await runs.report(worker, [reportOf(again)], LEASE_SECONDS)).toEqual([run.id]);
});

it('a run that is over is said of no more', async () => {
  await queue(1);
  const worker = randomUUID();
  const [run] = (await runs.claim(worker, room(1), LEASE_SECONDS)) as [ClaimedRun];
  await runs.report(worker, [reportOf(run)], LEASE_SECONDS);
  expect(await runs.report(worker, [reportOf(run, { state: 'failed', received: 7 })], LEASE_SECONDS)).toEqual([]);
  expect(await stateOf(run)).toEqual({ state: 'succeeded', received: 1 });
});

it('what workers have cleared is counted with it, also that of one that died', async () => {
  await queue(1, 'https://supplier.example/', true);
  const [first, second] = [randomUUID(), randomUUID()];
  const [run] = (await runs.claim(first, room(1), LEASE_SECONDS)) as [ClaimedRun];
  await runs.known.remove(run, ['A', 'B'], () => Promise.resolve(2));
  await expire(run);
  const [again] = (await runs.claim(second, room(1), LEASE_SECONDS)) as [ClaimedRun];
  await runs.known.remove(again, ['C'], () => Promise.resolve(1));
  await runs.report(second, [reportOf(again)], LEASE_SECONDS);
  const [counts] = await api.rows(sql`SELECT state, cleared FROM feed_runs WHERE id = ${run.id}::uuid`);
  expect(counts).toEqual({ state: 'succeeded', cleared: 3 });
});

it('what two feeds have no longer at the same time is cleared, by the second', async () => {
  const other = await api.join();
  const others = new FeedRunsRepository(other.app.get(Database));
  await queue(2, 'https://supplier.example/', true);
  const [first, second] = (await runs.claim(randomUUID(), room(2), LEASE_SECONDS)) as [ClaimedRun, ClaimedRun];
  for (const run of [first, second]) await runs.known.add(run, ['D']);
  const cleared: string[] = [];
  const clear = (skus: readonly string[]): Promise<number> => Promise.resolve(cleared.push(...skus));
  let waiting: Promise<unknown> = Promise.resolve();
  await runs.known.remove(first, ['D'], async (skus) => {
    let isOver = false;
    waiting = others.known.remove(second, ['D'], clear).finally(() => (isOver = true));
    while (!isOver && (await api.rows(sql`SELECT pid FROM pg_locks WHERE NOT granted`)).length === 0);
    return clear(skus);
  });
  await waiting;
  await other.close();
  expect(cleared).toEqual(['D']);
});

describe('of one host', () => {
  const hostsOf = (taken: readonly ClaimedRun[]): string[] => taken.map(({ host }) => host);

  it('a worker takes so many, together with those that it has, however it is spelt; and others of the rest', async () => {
    await queue(5, 'https://slow.example/a');
    await queue(5, 'https://SLOW.example?b');
    await queue(3, 'https://slow.example:444/');
    const claimed = await runs.claim(randomUUID(), room(13, { 'slow.example': 1, 'slow.example:444': 1 }, 4), 60);
    expect(hostsOf(claimed).sort()).toEqual([...times(3, 'slow.example'), ...times(3, 'slow.example:444')]);
    expect(hostsOf(await runs.claim(randomUUID(), room(13, {}, 4), 60))).toEqual(times(4, 'slow.example'));
    expect(hostsOf(await runs.claim(randomUUID(), room(13), 60))).toEqual(times(3, 'slow.example'));
  });

  it('so many that a worker has enough of them leave its places to those behind them', async () => {
    await queue(20, 'https://slow.example/');
    await queue(2, 'https://quick.example/');
    const claimed = await runs.claim(randomUUID(), room(2, { 'slow.example': 8 }, 8), 60);
    expect(hostsOf(claimed)).toEqual(times(2, 'quick.example'));
    await runs.claim(randomUUID(), room(20), 60);
  });
});
