// Workers that are killed in the middle of a refresh: each row is in effect exactly once, and counted once.
import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from '@app/database';
import { type Account, TestApi } from '../support/api';
import { Catalogues } from '../support/catalogues';
import { killWorker, spawnWorker } from '../support/worker';

/** `npm run check:kills` has twenty. */
const KILLS = Number(process.env['FEED_KILLS'] ?? 3);
/** More than are read before the last kill, eight at a time from one supplier. */
const FEEDS = 24 + 12 * KILLS;
const ROWS = 250;
/** A feed arrives in so many parts, so that a kill meets it half read. */
const PARTS = 10;
const PART_MS = 50;

let api: TestApi;
let admin: Account;
let supplier: Catalogues;

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
  Array.from({ length: ROWS / PARTS }, (_, row) => `${feed}-${part}-${row}`)
    .map((sku) => `${JSON.stringify({ sku, name: `Item ${sku}`, stock: 1, tags: ['killed'] })}\n`)
    .join('');

async function addFeed(feed: number): Promise<void> {
  const send = async (response: ServerResponse): Promise<void> => {
    for (let part = 0; part < PARTS && !response.destroyed; part++) {
      response.write(rowsOf(feed, part));
      await delay(PART_MS);
    }
    response.end();
  };
  const url = supplier.publish(`/${feed}`, (_, response) => void send(response));
  await api.request('POST', '/v1/feeds', { as: admin, body: { name: `Feed ${feed}`, url, format: 'ndjson' } });
}

/** One that can't reach the database in time on a busy machine is started again, as whoever looks after it would. */
const startWorker = (): Promise<ChildProcess> => spawnWorker(api.databaseUrl).catch(() => spawnWorker(api.databaseUrl));

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
      // Until it has committed something: what it holds is half in. All may be in before the last kill, which is no harm.
      while ((await countItems()) === before && before < FEEDS * ROWS) await delay(20);
      await delay(randomInt(100));
      await killWorker(worker);
      before = await countItems();
    }
    const last = await startWorker();
    await api.request('GET', `/v1/jobs/${id}/events`, { as: admin });
    const exited = new Promise((resolve) => last.once('exit', resolve));
    last.kill('SIGTERM');
    expect(await exited).toBe(0);

    const [runs] = await api.rows<{ again: number }>(sql`SELECT sum(starts - 1)::integer AS again FROM feed_runs`);
    expect(runs?.again).toBeGreaterThanOrEqual(KILLS);
    const { state, progress, feeds } = (await api.request('GET', `/v1/jobs/${id}`, { as: admin })).body;
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
