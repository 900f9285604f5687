// What one feed does to those beside it: nothing.
import type { INestApplicationContext } from '@nestjs/common';
import { sql } from '@app/database';
import { type Account, type Reply, TestApi } from '../../../../test/support/api';
import { Catalogues } from '../../../../test/support/catalogues';
import { startWorker } from '../../../../test/support/worker';

/** As many as of one host are read at a time, and one more. */
const PLACES = 9;

let api: TestApi;
let admin: Account;
let slow: Catalogues;
let quick: Catalogues;
let worker: INestApplicationContext;
let serial = 0;

beforeAll(async () => {
  api = await TestApi.start();
  admin = await api.createAccount({ role: 'admin' });
  [slow, quick] = await Promise.all([Catalogues.start(), Catalogues.start()]);
  worker = await startWorker(api.databaseUrl, { FEEDS_CONCURRENCY: String(PLACES) });
});
afterAll(async () => {
  await worker.close();
  await Promise.all([slow.stop(), quick.stop()]);
  await api.close();
});

const ask = (method: string, path: string, body?: object): Promise<Reply> =>
  api.request(method, path, { as: admin, body });
async function addFeed(url: string): Promise<string> {
  const body = { name: `Feed ${serial++}`, url, format: 'ndjson' };
  return (await ask('POST', '/v1/feeds', body)).body.id;
}
const refresh = async (...feedIds: string[]): Promise<string> =>
  (await ask('POST', '/v1/feeds/refresh', { feedIds })).body.id;
/** The job when it is over. */
async function done(id: string): Promise<Reply['body']> {
  await ask('GET', `/v1/jobs/${id}/events`);
  return (await ask('GET', `/v1/jobs/${id}`)).body;
}
const items = (prefix: string, count: number, more: object = {}): object[] =>
  Array.from({ length: count }, (_, n) => ({ sku: `${prefix}${n}`, name: 'Neighbour', ...more }));

it('many feeds of a host that says nothing leave places to others', async () => {
  const silent = await Promise.all(
    Array.from({ length: 3 * PLACES }, (_, n) => addFeed(slow.publish(`/${n}`, () => {}))),
  );
  const waiting = await refresh(...silent);
  const { progress } = await done(await refresh(await addFeed(quick.items('/quick', items('Q', 2)))));
  expect(progress).toMatchObject({ succeeded: 1, created: 2 });
  expect([...slow.asked.values()].length).toBe(PLACES - 1);
  await ask('DELETE', `/v1/jobs/${waiting}`);
});

it('an outcome that cannot be stored is its own feed’s', async () => {
  await api.rows(sql`ALTER TABLE feed_runs ADD CHECK (rejected <> 3)`);
  const [bad, good] = [quick.items('/bad', items('B', 3, { stock: -1 })), quick.items('/good', items('G', 2))];
  const { feeds } = await done(await refresh(await addFeed(bad), await addFeed(good)));
  const outcomes = feeds.map(({ state, code, created }: Record<string, unknown>) => ({ state, code, created }));
  expect(outcomes).toEqual(
    expect.arrayContaining([
      { state: 'failed', code: 'internal_error', created: 0 },
      { state: 'succeeded', code: null, created: 2 },
    ]),
  );
});
