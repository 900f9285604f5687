// Workers that are killed in the middle of a refresh: each row is in effect exactly once, and counted once.
import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from '@app/database';
import { ROW_LIMITS } from '@app/rows';
import { type Account, TestApi } from '../support/api';
import { Catalogues } from '../support/catalogues';
import { killWorker, spawnWorker } from '../support/worker';

/** `npm run check:kills` has twenty. */
const KILLS = Number(process.env['FEED_KILLS'] ?? 3);
/** More than a worker reads at the same time, so that the next one finds some that nobody has. */
const FEEDS = 16;
const CONCURRENCY = '6';
/** At each request a feed brings one part more and stays open, so that each worker writes something and is killed within it. */
const PARTS = KILLS + 2;
/** As many as are handed on together, so that they are not kept for those to come. */
const PART_ROWS = ROW_LIMITS.batchRows;
const ROWS = PARTS * PART_ROWS;
const PAUSE_MS = 20;

let api: TestApi;
let admin: Account;
let supplier: Catalogues;
/** Feeds stay open until the last kill. */
let areOpen = true;

beforeAll(async () => {
  api = await TestApi.start();
  admin = await api.createAccount({ role: 'admin' });
  supplier = await Catalogues.start();
});
afterAll(async () => {
  await supplier.stop();
  await api.close();
});

const rowsOf = (feed: number, part: number): string =>
  Array.from({ length: PART_ROWS }, (_, row) => `${feed}-${part}-${row}`)
    .map((sku) => `${JSON.stringify({ sku, name: `Item ${sku}`, stock: 1, tags: ['killed'] })}\n`)
    .join('');

async function addFeed(feed: number): Promise<void> {
  const path = `/${feed}`;
  const send = async (response: ServerResponse, times: number): Promise<void> => {
    // One in four ends while others are killed.
    const isWhole = feed % 4 === 0 || !areOpen;
    for (let part = 0; part < (isWhole ? PARTS : Math.min(times, PARTS - 1)); part++) {
      response.write(rowsOf(feed, part));
      await delay(randomInt(PAUSE_MS));
    }
    if (isWhole) response.end();
  };
  const url = supplier.publish(path, (_, response) => void send(response, supplier.asked.get(path) ?? 1));
  await api.request('POST', '/v1/feeds', { as: admin, body: { name: `Feed ${feed}`, url, format: 'ndjson' } });
}

const spawn = (): Promise<ChildProcess> => spawnWorker(api.databaseUrl, { FEEDS_CONCURRENCY: CONCURRENCY });
/** One that can't reach the database in time on a busy machine is started again, as whoever looks after it would. */
const startWorker = (): Promise<ChildProcess> => spawn().catch(spawn);

const countItems = async (): Promise<number> => {
  const [row] = await api.rows<{ count: number }>(sql`SELECT count(*)::integer AS count FROM items`);
  return row?.count as number;
};

it(
  `each row is in effect once when the worker is killed ${KILLS} times`,
  async () => {
    for (let feed = 0; feed < FEEDS; feed++) await addFeed(feed);
    const { id } = (await api.request('POST', '/v1/feeds/refresh', { as: admin, body: {} })).body;
    let before = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const worker = await startWorker();
      // Until it has committed something: what it holds is half in.
      while ((await countItems()) === before) await delay(20);
      await delay(randomInt(100));
      await killWorker(worker);
      before = await countItems();
    }
    areOpen = false;
    const last = await startWorker();
    await api.request('GET', `/v1/jobs/${id}/events`, { as: admin });
    const exited = new Promise((resolve) => last.once('exit', resolve));
    last.kill('SIGTERM');
    expect(await exited).toBe(0);

    const [runs] = await api.rows<{ again: number }>(sql`SELECT sum(starts - 1)::integer AS again FROM feed_runs`);
    expect(runs?.again).toBeGreaterThanOrEqual(KILLS);
    const { state, progress, feeds } = (await api.request('GET', `/v1/jobs/${id}`, { as: admin })).body;
    expect(feeds.filter((one: { code: string | null }) => one.code !== null)).toEqual([]);
    expect({ state, progress }).toMatchObject({
      state: 'done',
      progress: { feeds: FEEDS, succeeded: FEEDS, created: FEEDS * ROWS, updated: 0, rejected: 0 },
    });
    for (const one of feeds) expect(one).toMatchObject({ received: ROWS, created: ROWS, updated: 0, unchanged: 0 });
    const [items] = await api.rows(sql`SELECT count(*)::integer AS count, max(version) AS version FROM items`);
    expect(items).toEqual({ count: FEEDS * ROWS, version: 1 });
  },
  60_000 + KILLS * 20_000,
);
