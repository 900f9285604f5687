// Whose a run is: one worker's at a time, and of what an earlier one says of it nothing holds.
import { randomUUID } from 'node:crypto';
import { Database, sql } from '@app/database';
import { type Account, TestApi } from '../../../../test/support/api';
import { type ClaimedRun, FeedRunsRepository, type RunReport } from './feeds.runs.repository';

const LEASE_SECONDS = 60;
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

async function queue(count: number): Promise<void> {
  const feedIds: string[] = [];
  for (let n = 0; n < count; n++) {
    const body = { name: `Feed ${serial++}`, url: 'https://supplier.example/all', format: 'ndjson' };
    feedIds.push((await api.request('POST', '/v1/feeds', { as: admin, body })).body.id as string);
  }
  await api.request('POST', '/v1/feeds/refresh', { as: admin, body: { feedIds } });
}

const reportOf = ({ id, starts }: ClaimedRun, more: Partial<RunReport> = {}): RunReport => ({
  ...{ id, starts, state: 'succeeded', httpStatus: 200, received: 1, settled: 1, rejected: 0, cleared: 0 },
  ...{ attempts: 1, bytes: 10, durationMs: 5, code: null, detail: null, errors: [], ...more },
});
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
    const own = await runs.claim(randomUUID(), FEEDS / 2, LEASE_SECONDS);
    return [own, await others.claim(randomUUID(), FEEDS, LEASE_SECONDS)];
  });
  await other.close();
  expect(taken.map((some) => some.length)).toEqual([FEEDS / 2, FEEDS / 2]);
  expect(new Set(taken.flat().map(({ id }) => id)).size).toBe(FEEDS);
});

it('of a run that another worker has taken over, what the first one says does not hold', async () => {
  await queue(1);
  const [first, second] = [randomUUID(), randomUUID()];
  const [run] = (await runs.claim(first, 1, LEASE_SECONDS)) as [ClaimedRun];
  await expire(run);
  const [again] = (await runs.claim(second, 1, LEASE_SECONDS)) as [ClaimedRun];
  expect(again).toMatchObject({ id: run.id, starts: run.starts + 1 });
  expect(await runs.report(first, [reportOf(run)], LEASE_SECONDS)).toEqual([]);
  expect(await stateOf(run)).toEqual({ state: 'running', received: 0 });
  expect(await runs.report(second, [reportOf(again)], LEASE_SECONDS)).toEqual([run.id]);
  expect(await stateOf(run)).toEqual({ state: 'succeeded', received: 1 });
});

it('nor what a worker says that has taken the same run twice, of the first time', async () => {
  await queue(1);
  const worker = randomUUID();
  const [run] = (await runs.claim(worker, 1, LEASE_SECONDS)) as [ClaimedRun];
  await expire(run);
  const [again] = (await runs.claim(worker, 1, LEASE_SECONDS)) as [ClaimedRun];
  expect(await runs.report(worker, [reportOf(run)], LEASE_SECONDS)).toEqual([]);
  expect(await runs.report(worker, [reportOf(again)], LEASE_SECONDS)).toEqual([run.id]);
});

it('a run that is over is said of no more', async () => {
  await queue(1);
  const worker = randomUUID();
  const [run] = (await runs.claim(worker, 1, LEASE_SECONDS)) as [ClaimedRun];
  await runs.report(worker, [reportOf(run)], LEASE_SECONDS);
  expect(await runs.report(worker, [reportOf(run, { state: 'failed', received: 7 })], LEASE_SECONDS)).toEqual([]);
  expect(await stateOf(run)).toEqual({ state: 'succeeded', received: 1 });
});
