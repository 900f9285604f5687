// PostgreSQL frozen under load: polls take longer than Δ and every hit becomes a miss, which must not keep it down afterwards.
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from '@app/database';
import { classify, FEED } from '../coherence/instance';
import { TestApi } from '../support/api';
import { type FaultProxy, startProxy } from '../support/proxy';
import { slowness } from '../support/slowness';
import { Wire } from '../support/wire';

const CROWD = 24;
const ITEMS = 400;

/** Milliseconds. */
const FROZEN_FOR = 2_000;
/** Δ and the patience with which a poll is awaited. */
const LEASE = 400;
const ANSWERED_WITHIN = 2_500;
const BACK_WITHIN = 1_000 * slowness();

interface Seen {
  readonly status: number;
  readonly cacheStatus: string;
  readonly sentAt: number;
  readonly ms: number;
}

let behind: TestApi;
let api: TestApi;
let proxy: FaultProxy;
let ids: string[];

beforeAll(async () => {
  behind = await TestApi.start();
  const { id } = await behind.createAccount();
  const rows = await behind.rows<{ id: string }>(sql`
    INSERT INTO items (id, owner_id, sku, name, stock, tags, attributes)
    SELECT gen_random_uuid(), ${id}, 'FROZEN-' || n, 'Thing ' || n, n, '{}', '{}' FROM generate_series(1, ${ITEMS}) AS n RETURNING id`);
  ids = rows.map((row) => row.id);
  const url = new URL(behind.databaseUrl);
  proxy = await startProxy(Number(url.port), { classify });
  url.port = String(proxy.port);
  api = await TestApi.on(url.href, { cacheStalenessMs: 100 });
}, 60_000);

afterAll(async () => {
  await api?.close();
  await proxy?.close();
  await behind?.close();
});

/** Each asks again as soon as it is answered, until the promise settles. */
async function crowd(until: Promise<unknown>): Promise<Seen[]> {
  const seen: Seen[] = [];
  let isOver = false;
  void until.finally(() => (isOver = true));
  const wires: Wire[] = [];
  while (wires.length < CROWD) wires.push(await Wire.open(api));
  await Promise.all(
    wires.map(async (wire, n) => {
      for (let at = n; !isOver; at += CROWD) {
        const path = at % 10 === 9 ? `/v1/items?sku=FROZEN-${(at % ITEMS) + 1}` : `/v1/items/${ids[at % ITEMS]}`;
        const sentAt = performance.now();
        const { status, headers } = await wire.get(path);
        const cacheStatus = String(headers['cache-status'] ?? '');
        seen.push({ status, cacheStatus, sentAt, ms: performance.now() - sentAt });
      }
      wire.close();
    }),
  );
  return seen;
}

const isKeptAndFresh = ({ status, cacheStatus }: Seen): boolean => status === 200 && cacheStatus === 'floodgate; hit';

it('is answered openly or refused meanwhile, and everything is fresh and from memory again within a second', async () => {
  let thawedAt = Infinity;
  for (const id of ids) await api.get(`/v1/items/${id}`);
  const story = (async () => {
    for (const faults of [proxy, proxy.of(FEED)]) faults.freeze();
    await delay(FROZEN_FOR);
    for (const faults of [proxy, proxy.of(FEED)]) faults.thaw();
    thawedAt = performance.now();
    await delay(BACK_WITHIN + 1_000);
  })();
  const seen = await crowd(story);

  const frozen = seen.filter(({ sentAt, ms }) => sentAt > thawedAt - FROZEN_FOR + LEASE && sentAt + ms < thawedAt);
  expect(frozen.length).toBeGreaterThan(CROWD);
  expect([...new Set(seen.map(({ status }) => status))].filter((status) => ![200, 503].includes(status))).toEqual([]);
  expect(Math.max(...seen.map(({ ms }) => ms))).toBeLessThan(ANSWERED_WITHIN);
  // What lies in memory is shown, and says since when nobody could look.
  expect(frozen.filter(({ status, cacheStatus }) => status === 200 && !cacheStatus.includes('ttl=-'))).toEqual([]);

  const back = seen.filter(({ sentAt }) => sentAt > thawedAt + BACK_WITHIN);
  expect(back.length).toBeGreaterThan(CROWD);
  expect(back.filter(({ status }) => status !== 200)).toEqual([]);
  expect(back.filter(isKeptAndFresh).length / back.length).toBeGreaterThan(0.95);
});
