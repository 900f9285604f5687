// A worker that was frozen, or does not know yet that a job was cancelled: what it writes for a run that it has lost does not hold.
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { Database, sql } from '@app/database';
import { type Account, type Reply, TestApi } from '../../../../test/support/api';
import { Catalogues } from '../../../../test/support/catalogues';
import { startWorker } from '../../../../test/support/worker';
import { ItemsIntake } from '../items/items.intake.service';
import { clearMissing } from './feeds.missing';
import { keyOf, RunLost } from './feeds.run-keys';
import { type ClaimedRun, FeedRunsRepository } from './feeds.runs.repository';

/** A worker hands so many on together. */
const PART_ROWS = 32;
const LEASE_SECONDS = 60;

let api: TestApi;
let admin: Account;
let supplier: Catalogues;
let worker: INestApplicationContext;
let serial = 0;

beforeAll(async () => {
  api = await TestApi.start();
  admin = await api.createAccount({ role: 'admin' });
  supplier = await Catalogues.start();
});
afterAll(async () => {
  await supplier.stop();
  await api.close();
});

const ask = (method: string, path: string, body?: object): Promise<Reply> =>
  api.request(method, path, { as: admin, body });
async function addFeed(url: string, more: object = {}): Promise<string> {
  const body = { name: `Feed ${serial++}`, url, format: 'ndjson', ...more };
  return (await ask('POST', '/v1/feeds', body)).body.id;
}
const refresh = async (...feedIds: string[]): Promise<string> =>
  (await ask('POST', '/v1/feeds/refresh', { feedIds })).body.id;
const part = (prefix: string): string =>
  Array.from(
    { length: PART_ROWS },
    (_, n) => `${JSON.stringify({ sku: `${prefix}${n}`, name: 'Row', stock: 3 })}\n`,
  ).join('');
const countItems = async (prefix: string): Promise<number> => {
  const rows = await api.rows(sql`SELECT id FROM items WHERE sku LIKE ${`${prefix}%`}`);
  return rows.length;
};
const until = async (condition: () => Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
};
const runOf = async (feedId: string): Promise<object | undefined> =>
  (await api.rows<object>(sql`SELECT state, created, updated FROM feed_runs WHERE feed_id = ${feedId}::uuid`))[0];

const taken = sql`UPDATE feed_runs SET worker = gen_random_uuid(), starts = starts + 1, leased_until = now() + interval '1 hour'`;

describe.each<[string, string, (feedId: string, job: string) => Promise<unknown>]>([
  ['is another worker’s', 'running', (id) => api.rows(sql`${taken} WHERE feed_id = ${id}::uuid`)],
  [
    'has ended with another worker',
    'succeeded',
    (id) => api.rows(sql`${taken}, state = 'succeeded' WHERE feed_id = ${id}::uuid`),
  ],
  ['is cancelled', 'cancelled', (_, job) => ask('DELETE', `/v1/jobs/${job}`)],
])('of a run that %s', (change, state, happen) => {
  it('no row goes in any more, and the rows that travel with it do', async () => {
    worker = await startWorker(api.databaseUrl);
    const prefix = change.replaceAll(/\W/g, '');
    let lost!: ServerResponse;
    let good!: ServerResponse;
    const lostFeed = await addFeed(
      supplier.publish(`/lost/${prefix}`, (_, to) => void (lost = to).write(part(`${prefix}A`))),
    );
    const goodFeed = await addFeed(
      supplier.publish(`/good/${prefix}`, (_, to) => void (good = to).write(part(`${prefix}B`))),
    );
    const job = await refresh(lostFeed);
    const other = await refresh(goodFeed);
    await until(async () => (await countItems(prefix)) === 2 * PART_ROWS);
    const closed = new Promise((resolve) => lost.on('close', resolve));
    await happen(lostFeed, job);
    lost.write(part(`${prefix}C`));
    good.end(part(`${prefix}D`));
    await ask('GET', `/v1/jobs/${other}/events`);
    await closed;
    await worker.close();
    expect(await runOf(lostFeed)).toEqual({ state, created: PART_ROWS, updated: 0 });
    expect(await countItems(`${prefix}C`)).toBe(0);
    expect(await runOf(goodFeed)).toEqual({ state: 'succeeded', created: 2 * PART_ROWS, updated: 0 });
    expect(await countItems(`${prefix}D`)).toBe(PART_ROWS);
    await api.rows(sql`UPDATE feed_runs SET state = 'failed' WHERE state = 'running'`);
  });
});

describe('of what a feed that clears has no longer', () => {
  let rows: FeedRunsRepository;
  beforeAll(() => (rows = new FeedRunsRepository(api.app.get(Database))));

  async function claimed(): Promise<ClaimedRun> {
    await refresh(await addFeed('https://supplier.example/', { clearsMissing: true }));
    const room = { feeds: 1, perHost: 1, taken: new Map<string, number>() };
    return (await rows.claim(randomUUID(), room, LEASE_SECONDS))[0] as ClaimedRun;
  }
  const inStock = async (sku: string): Promise<void> =>
    void (await ask('POST', '/v1/items', { sku, name: 'Row', stock: 3 }));
  const stockOf = async (sku: string): Promise<number> => (await ask('GET', `/v1/items/by-sku/${sku}`)).body.stock;
  const intake = (): ItemsIntake => api.app.get(ItemsIntake);

  it('nothing is cleared, forgotten or known when the run is lost meanwhile', async () => {
    await inStock('lost');
    const run = await claimed();
    await rows.known.add(run, ['lost']);
    await api.rows(sql`${taken} WHERE id = ${run.id}::uuid`);
    await expect(rows.known.remove(run, ['lost'], () => intake().clearStock(admin.id, ['lost']))).rejects.toThrow(
      RunLost,
    );
    await expect(rows.known.add(run, ['old'])).rejects.toThrow(RunLost);
    expect(await stockOf('lost')).toBe(3);
    expect(await rows.known.page(run.feedId, '', 9)).toEqual(['lost']);
  });

  it('nor when the worker stops, or is told that the run is lost', async () => {
    await inStock('stopped');
    const run = await claimed();
    await rows.known.add(run, ['stopped']);
    const source = intake().open(admin.id, keyOf(run));
    await source.add({ line: 1, value: { sku: 'stopped-new', name: 'Row' } });
    await source.end();
    await clearMissing(run, source, { intake: intake(), rows }, AbortSignal.abort());
    expect(await stockOf('stopped')).toBe(3);
    expect(await rows.known.page(run.feedId, '', 9)).toEqual(['stopped']);
    await clearMissing(run, source, { intake: intake(), rows }, new AbortController().signal);
    expect(await stockOf('stopped')).toBe(0);
    expect(await rows.known.page(run.feedId, '', 9)).toEqual(['stopped-new']);
  });
});
