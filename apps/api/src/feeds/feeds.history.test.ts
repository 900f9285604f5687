// What is kept of refreshes, for how long, and how it goes: without anybody who waits for it.
import { Database, sql } from '@app/database';
import { v7 as uuidv7 } from 'uuid';
import { type Account, type Reply, TestApi } from '../../../../test/support/api';
import { startWorker } from '../../../../test/support/worker';
import { FeedJobsRepository } from './feeds.jobs.repository';

const KEPT_DAYS = 30;
const PORTION = 500;

let api: TestApi;
let admin: Account;
let serial = 0;

beforeAll(async () => {
  api = await TestApi.start();
  admin = await api.createAccount({ role: 'admin' });
});
afterAll(() => api.close());

const ask = (method: string, path: string, more: object = {}): Promise<Reply> =>
  api.request(method, path, { as: admin, ...more });
async function addFeed(): Promise<string> {
  const body = { name: `Feed ${serial++}`, url: 'https://supplier.example/', format: 'csv' };
  return (await ask('POST', '/v1/feeds', { body })).body.id;
}
async function addJob(days: number): Promise<string> {
  const id = uuidv7();
  await api.rows(sql`INSERT INTO feed_jobs (id, requested_by, created_at)
    VALUES (${id}, ${admin.id}, now() - make_interval(days => ${days}, mins => 1))`);
  return id;
}
/** That all of the jobs show. */
const addRuns = (feedId: string, jobIds: string[], { count = 1, state = 'succeeded' } = {}): Promise<object[]> =>
  api.rows(sql`
    WITH run AS (
      INSERT INTO feed_runs (id, feed_id, state) SELECT gen_random_uuid(), ${feedId}::uuid, ${state} FROM generate_series(1, ${count}::integer)
      RETURNING id
    )
    INSERT INTO feed_job_runs (job_id, run_id) SELECT job, run.id FROM run, unnest(${jobIds}::uuid[]) AS job`);
const runsOf = async (feedId: string): Promise<number> =>
  (await api.rows(sql`SELECT FROM feed_runs WHERE feed_id = ${feedId}::uuid`)).length;
const forget = (): Promise<void> => new FeedJobsRepository(api.app.get(Database)).forgetOld(KEPT_DAYS);

describe('what is older than a month', () => {
  it('goes in portions, but for what is under way or belongs to a younger job, too', async () => {
    const [many, shared, live] = [await addFeed(), await addFeed(), await addFeed()];
    const [old, older] = [await addJob(KEPT_DAYS), await addJob(KEPT_DAYS + 1)];
    const [waiting, young] = [await addJob(KEPT_DAYS), await addJob(KEPT_DAYS - 1)];
    await addRuns(many, [old], { count: PORTION + 1 });
    await addRuns(shared, [older, young]);
    await addRuns(live, [waiting], { state: 'queued' });
    const statements = api.countStatements();
    await forget();
    // A portion, the rest, nothing more; the jobs, nothing more.
    expect(statements()).toBe(5);
    expect(await Promise.all([many, shared, live].map(runsOf))).toEqual([0, 1, 1]);
    const answers = await Promise.all([old, older, waiting, young].map((id) => ask('GET', `/v1/jobs/${id}`)));
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 200, 200]);
    await api.rows(sql`UPDATE feed_jobs SET created_at = now() - make_interval(days => ${KEPT_DAYS + 1})`);
    await api.rows(sql`UPDATE feed_runs SET state = 'failed'`);
    await forget();
    expect(await api.rows(sql`SELECT id FROM feed_jobs UNION ALL SELECT id FROM feed_runs`)).toEqual([]);
  });

  it('goes soon after a worker has begun, however soon that ends', async () => {
    const id = await addJob(KEPT_DAYS);
    const worker = await startWorker(api.databaseUrl);
    while ((await api.rows(sql`SELECT FROM feed_jobs WHERE id = ${id}::uuid`)).length > 0)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await worker.close();
  });
});

describe('a feed that is deleted', () => {
  it('keeps no refresh waiting, however long it takes to forget what it had', async () => {
    const id = await addFeed();
    await addRuns(id, [await addJob(0)]);
    await api.rows(sql`INSERT INTO feed_items (feed_id, sku) VALUES (${id}, 'A')`);
    await api.rows(
      sql`CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(2.5); RETURN old; END'`,
    );
    await api.rows(sql`CREATE TRIGGER dawdle BEFORE DELETE ON feed_items FOR EACH ROW EXECUTE FUNCTION dawdle()`);
    const deleted = ask('DELETE', `/v1/feeds/${id}`);
    const isDawdling = sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`;
    while ((await api.rows(isDawdling)).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await ask('POST', '/v1/feeds/refresh', { body: { feedIds: [id] } })).toMatchObject({ status: 202 });
    expect(await deleted).toMatchObject({ status: 204 });
    expect(await runsOf(id)).toBe(0);
    await api.rows(sql`DROP FUNCTION dawdle CASCADE`);
  });

  it('has lost nothing if it stays', async () => {
    const id = await addFeed();
    await addRuns(id, [await addJob(0)]);
    await api.rows(sql`INSERT INTO feed_items (feed_id, sku) VALUES (${id}, 'A')`);
    const headers = { 'if-match': `"${id}.2"` };
    expect(await ask('DELETE', `/v1/feeds/${id}`, { headers })).toMatchObject({ status: 412 });
    expect(await runsOf(id)).toBe(1);
    expect(await api.rows(sql`SELECT sku FROM feed_items WHERE feed_id = ${id}::uuid`)).toEqual([{ sku: 'A' }]);
  });

  it('is one of those whose rows elsewhere are found by an index', async () => {
    const unindexed = sql`
      SELECT conrelid::regclass::text AS table, conname AS key FROM pg_constraint AS key
      WHERE contype = 'f' AND confdeltype = 'c' AND NOT EXISTS (
        SELECT FROM pg_index WHERE indrelid = key.conrelid AND indpred IS NULL AND indkey[0] = key.conkey[1])`;
    expect(await api.rows(unindexed)).toEqual([]);
  });
});
