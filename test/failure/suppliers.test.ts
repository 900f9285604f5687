// Every way in which a supplier can misbehave, in one refresh: each outcome says what was wrong, and no other feed notices.
import type { INestApplicationContext } from '@nestjs/common';
import { sql } from '@app/database';
import { type Account, type Reply, TestApi } from '../support/api';
import {
  after,
  bombs,
  drips,
  endsEarly,
  endsGzipEarly,
  fails,
  inTurn,
  type Manner,
  publishes,
  redirects,
  repeats,
  resets,
  resetsWithin,
  saysNothing,
  Supplier,
  talksGarbage,
} from '../support/supplier';
import { startWorker } from '../support/worker';

const GOOD = 20;
const GOOD_ROWS = 50;
/** Milliseconds; the most patient of the limits is that of all waiting, half a minute. */
const PATIENCE_MS = 120_000;

let api: TestApi;
let admin: Account;
let worker: INestApplicationContext;
const suppliers: Supplier[] = [];

beforeAll(async () => {
  api = await TestApi.start();
  admin = await api.createAccount({ role: 'admin' });
  worker = await startWorker(api.databaseUrl);
});
afterAll(async () => {
  await worker.close();
  await Promise.all(suppliers.map((one) => one.stop()));
  await api.close();
});

const rows = (prefix: string, count: number): string =>
  Array.from({ length: count }, (_, n) => `${JSON.stringify({ sku: `${prefix}-${n}`, name: `Item ${n}` })}\n`).join('');

/** A feed of a supplier of its own, so that no breaker stands between them. */
async function addFeed(name: string, manner: Manner): Promise<Supplier> {
  const supplier = await Supplier.start();
  suppliers.push(supplier);
  const url = supplier.at('/feed', manner);
  const body = { name, url, format: 'ndjson' };
  expect((await api.request('POST', '/v1/feeds', { as: admin, body })).status).toBe(201);
  return supplier;
}

interface Outcome {
  readonly state: string;
  readonly code: string | null;
  readonly [member: string]: unknown;
}

const failed = (code: string, more: object = {}): object => ({ state: 'failed', code, ...more });
const came = (received: number): object => ({ received, created: received, rejected: 0 });

/** What each does, and what is said of it; the number of requests where that is decided by the manner. */
const CASES: readonly [name: string, manner: Manner, expected: object][] = [
  ['is slow', after(1_500, publishes(rows('slow', 3))), { state: 'succeeded', attempts: 1, ...came(3) }],
  ['says nothing', saysNothing, failed('headers_timeout', { attempts: 3, status: null })],
  ['drips', drips(rows('drips', 2_000), 200), failed('total_timeout', { attempts: 1 })],
  [
    'is flaky',
    inTurn(fails(503), resets, publishes(rows('flaky', 3))),
    { state: 'succeeded', attempts: 3, status: 200, ...came(3) },
  ],
  ['is down', fails(503), failed('http_status', { attempts: 3, status: 503 })],
  ['has no end', repeats(`{"sku":"${'x'.repeat(300_000)}"}\n`), failed('too_large', { created: 0 })],
  ['is truncated', endsEarly(rows('truncated', 40)), failed('truncated', { attempts: 3 })],
  ['is cut within a row', publishes(`${rows('cut', 2)}{"sku":"cut-2","na`), failed('truncated', came(2))],
  ['is packed and cut', endsGzipEarly(rows('packed', 4_000)), failed('truncated', { attempts: 3 })],
  ['is of the wrong type', publishes('<html>', { type: 'text/html' }), failed('wrong_content_type', { received: 0 })],
  ['leads in a circle', redirects('/feed'), failed('redirect_loop')],
  ['leads to a private address', redirects('http://10.0.0.1/feed'), failed('address_refused')],
  ['leads to the metadata of a cloud', redirects('http://169.254.169.254/'), failed('address_refused')],
  ['is a bomb', bombs(600 * 1024 * 1024), failed('decoded_too_large')],
  [
    'asks for a pause',
    inTurn(fails(429, { 'retry-after': '1' }), publishes(rows('pause', 3))),
    { state: 'succeeded', attempts: 2, ...came(3) },
  ],
  ['asks for a long one', fails(429, { 'retry-after': '3600' }), failed('http_status', { attempts: 1, status: 429 })],
  ['talks garbage', talksGarbage, failed('bad_response')],
  ['resets', resets, failed('connection_lost', { attempts: 3 })],
  ['resets within', resetsWithin(rows('within', 40)), failed('connection_lost', { attempts: 3 })],
];

it(
  'each has an outcome of its own, and the others are as if they were alone',
  async () => {
    const bySupplier = new Map<string, Supplier>();
    for (const [name, manner] of CASES) bySupplier.set(name, await addFeed(name, manner));
    for (let n = 0; n < GOOD; n++) await addFeed(`Good ${n}`, publishes(rows(`good-${n}`, GOOD_ROWS)));
    const { id } = (await api.request('POST', '/v1/feeds/refresh', { as: admin, body: {} })).body;
    // Resolves with the end of the events, which is that of the job.
    const events: Reply = await api.request('GET', `/v1/jobs/${id}/events`, { as: admin });
    const { feeds } = (await api.request('GET', `/v1/jobs/${id}`, { as: admin })).body as {
      feeds: (Outcome & { name: string })[];
    };
    const byName = new Map(feeds.map((one) => [one.name, one]));
    const seen = Object.fromEntries(CASES.map(([name]) => [name, byName.get(name)]));
    expect(seen).toMatchObject(Object.fromEntries(CASES.map(([name, , expected]) => [name, expected])));

    const good = { state: 'succeeded', attempts: 1, code: null, errors: [], ...came(GOOD_ROWS) };
    for (let n = 0; n < GOOD; n++) expect(byName.get(`Good ${n}`)).toMatchObject(good);
    // They were told of before the bad ones, which take up to half a minute.
    const order = [...events.text.matchAll(/^event: feed\ndata: .*"name":"([^"]*)"/gm)].map(([, name]) => name);
    const lastGood = Math.max(...order.map((name, at) => (name?.startsWith('Good') ? at : 0)));
    expect(lastGood).toBeLessThan(order.indexOf('says nothing'));
    expect(bySupplier.get('leads in a circle')?.timesAsked('/feed')).toBe(1);
    const [stored] = await api.rows(sql`SELECT max(version) AS version FROM items`);
    expect(stored).toEqual({ version: 1 });
  },
  PATIENCE_MS,
);
