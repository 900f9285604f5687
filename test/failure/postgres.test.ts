// PostgreSQL lost: what may be old is shown openly, everything else is refused at once, and nothing that was true is forgotten.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from '@app/database';
import { classify, FEED } from '../coherence/instance';
import { Postgres } from '../coherence/postgres';
import { type Account, TestApi } from '../support/api';
import { startProxy } from '../support/proxy';
import { Wire, type Wired } from '../support/wire';

/** Milliseconds. */
const REFUSED_WITHIN = 100;
const ANSWERED_WITHIN = 2_000;
const BACK_WITHIN = 1_000;

let directory: string;
let postgres: Postgres;
let api: TestApi;
let wire: Wire;
let owner: Account;
let id: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'floodgate-outage-'));
  chmodSync(directory, 0o755);
  postgres = await Postgres.start(directory);
  api = await TestApi.on(postgres.url, { migrate: true });
  wire = await Wire.open(api);
  owner = await api.createAccount();
  id = (await api.request('POST', '/v1/items', { as: owner, body: { sku: 'LAMP', name: 'Lamp' } })).body.id;
}, 60_000);

afterAll(async () => {
  wire?.close();
  await api?.close();
  await postgres?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const MAY_BE_OLD = () => [`/v1/items/${id}`, '/v1/items/by-sku/LAMP', `/v1/items/batch?ids=${id}`, '/v1/items?q=lamp'];

async function timed(
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<Wired & { ms: number }> {
  const startedAt = performance.now();
  const answer = await wire.send(method, path, { headers });
  return { ...answer, ms: performance.now() - startedAt };
}

async function until(isSo: () => Promise<boolean>): Promise<number> {
  const startedAt = performance.now();
  while (!(await isSo())) await new Promise(setImmediate);
  return performance.now() - startedAt;
}

const status = async (path: string) => (await wire.get(path)).headers['cache-status'];

it('killed, items are shown as they were last, openly; the rest is refused at once; back, it is fresh again', async () => {
  const profile = `/v1/users/${owner.id}`;
  for (const url of [...MAY_BE_OLD(), profile]) await wire.get(url);
  const restart = await postgres.crash();
  await until(async () => (await status(`/v1/items/${id}`))?.includes('ttl=-') === true);

  for (const url of MAY_BE_OLD()) {
    const answer = await timed('GET', url);
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'cache-status': expect.stringMatching(/^floodgate; hit; ttl=-[1-9]/) },
    });
    expect(answer.ms).toBeLessThan(ANSWERED_WITHIN);
    const known = { 'if-none-match': answer.headers.etag as string };
    expect((await timed('GET', url, known)).status).toBe(304);
  }
  for (const [method, url] of [
    ['GET', profile],
    ['GET', '/v1/items?q=other'],
    ['GET', '/v1/items/by-sku/NEW'],
    ['GET', '/v1/users/me'],
  ] as const) {
    const headers = { authorization: `Bearer ${owner.token}` };
    const answer = await timed(method, url, headers);
    expect({ url, status: answer.status, retryAfter: answer.headers['retry-after'] }).toEqual({
      url,
      status: 503,
      retryAfter: '1',
    });
    expect(answer.ms).toBeLessThan(REFUSED_WITHIN);
  }
  expect((await wire.get('/health/live')).status).toBe(200);
  expect((await wire.get('/health/ready')).status).toBe(503);

  await restart();
  const back = await until(async () => (await status(`/v1/items/${id}`)) === 'floodgate; hit');
  expect(back).toBeLessThan(BACK_WITHIN);
  expect((await wire.get(profile)).status).toBe(200);
  const [row] = await api.rows<{ name: string }>(sql`SELECT name FROM items WHERE id = ${id}`);
  expect(row).toEqual({ name: 'Lamp' });
});

it('a token of a write is not claimed to be seen while nobody can look', async () => {
  const { headers } = await api.request('PATCH', `/v1/items/${id}`, { as: owner, body: { stock: 1 } });
  await wire.get(`/v1/items/${id}`);
  const restart = await postgres.crash();
  await until(async () => (await status(`/v1/items/${id}`))?.includes('ttl=-') === true);
  const token = String(Number(headers['consistency-token']) + 1);
  expect((await timed('GET', `/v1/items/${id}`, { 'consistency-token': token })).status).toBe(503);
  await restart();
  await until(async () => (await status(`/v1/items/${id}`)) === 'floodgate; hit');
  expect((await wire.get(`/v1/items/${id}`)).body.stock).toBe(1);
});

it('what this instance has just written is never shown without it, however openly', async () => {
  const proxy = await startProxy(postgres.port, { classify });
  const url = new URL(postgres.url);
  url.port = String(proxy.port);
  const other = await TestApi.on(url.href);
  const path = `/v1/items/${id}`;
  try {
    expect((await other.request('GET', path)).status).toBe(200);
    proxy.of(FEED).freeze();
    expect((await other.request('PATCH', path, { as: owner, body: { stock: 2 } })).status).toBe(200);
    for (const connections of [proxy, proxy.of(FEED)]) connections.refuse();
    proxy.cut();
    expect((await other.request('GET', path)).status).toBe(503);
    for (const connections of [proxy, proxy.of(FEED)]) connections.heal();
    await until(async () => (await other.request('GET', path)).status === 200);
    expect((await other.request('GET', path)).body.stock).toBe(2);
  } finally {
    await other.close();
    await proxy.close();
  }
});
