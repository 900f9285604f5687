// Suppliers of every bad kind are read beside good ones, while others ask the API.
import { setTimeout as delay } from 'node:timers/promises';
import { isFailed } from '../support/load';
import {
  bombs,
  drips,
  fails,
  inTurn,
  publishes,
  redirects,
  repeats,
  resets,
  saysNothing,
  Supplier,
} from '../support/supplier';
import { killWorker, spawnWorker } from '../support/worker';
import { atLeast, EXACTLY, type Figure, type Form, none, within } from './row';
import { quantile, type Stage, underLoad } from './stage';
import { classesOf } from './traffic';

const MORE_THAN_USUAL = 60;
const CALM_MS = 3_000;
const GOOD = 5;
const ROWS = 200;

const MIB = 2 ** 20;
const TOO_LONG = 60_000;

const catalogue = (feed: number): string =>
  Array.from({ length: ROWS }, (_, row) => `${JSON.stringify({ sku: `good-${feed}-${row}`, name: 'Good' })}\n`).join(
    '',
  );

const BAD = {
  flaky: inTurn(resets, fails(503), resets),
  malformed: publishes('}{\n'.repeat(100)),
  redirecting: redirects('http://10.0.0.1/'),
  bomb: bombs(200 * MIB),
};
/** Only time ends these: half a minute. */
const ENDLESS = {
  slow: drips(' '.repeat(TOO_LONG)),
  silent: saysNothing,
  endless: repeats('{"sku":"one","name":"One"}\n'),
};

interface Job {
  readonly feeds: readonly {
    readonly feedId: string;
    readonly code: string | null;
    readonly created: number;
    readonly rejected: number;
  }[];
}

export async function badSuppliers(stage: Stage, form: Form): Promise<Figure[]> {
  const { api, postgres } = stage;
  const supplier = await Supplier.start();
  const worker = await spawnWorker(postgres.url);
  try {
    const as = await api.createAccount({ role: 'admin' });
    const add = async (name: string, url: string): Promise<string> =>
      (await api.request('POST', '/v1/feeds', { as, body: { name, url, format: 'ndjson' } })).body.id as string;
    const bad: string[] = [];
    for (const [name, manner] of Object.entries({ ...BAD, ...(form.isShort ? {} : ENDLESS) }))
      bad.push(await add(name, supplier.at(`/${name}`, manner)));
    const good: string[] = [];
    for (let feed = 0; feed < GOOD; feed++)
      good.push(await add(`good ${feed}`, supplier.at(`/good/${feed}`, publishes(catalogue(feed)))));
    let begunAt = Infinity;
    const { outcomes, told } = await underLoad(stage, form, async () => {
      await delay(CALM_MS);
      begunAt = performance.now();
      const { id } = (await api.request('POST', '/v1/feeds/refresh', { as, body: { feedIds: [...bad, ...good] } }))
        .body;
      // Resolves with the end of the job.
      await api.request('GET', `/v1/jobs/${id}/events`, { as });
      return (await api.request('GET', `/v1/jobs/${id}`, { as })).body as Job;
    });
    const failed = outcomes.filter(isFailed);
    const calm = outcomes.slice(form.perSecond).filter(({ startedAt }) => startedAt < begunAt);
    const meanwhile = outcomes.filter(({ startedAt }) => startedAt >= begunAt);
    const of = (ids: readonly string[]): Job['feeds'] => told.feeds.filter(({ feedId }) => ids.includes(feedId));
    const usual = quantile(calm, 0.99);
    return [
      atLeast(
        'bad ones whose outcome says so',
        of(bad).filter(({ code, rejected }) => code !== null || rejected > 0).length,
        bad.length,
      ),
      atLeast(
        'rows of good ones',
        of(good).reduce((sum, { created }) => sum + created, 0),
        GOOD * ROWS,
      ),
      none('failed requests', failed.length, classesOf(failed)),
      within('p99 of the API', quantile(meanwhile, 0.99), usual + MORE_THAN_USUAL * form.patience, EXACTLY),
    ];
  } finally {
    await killWorker(worker);
    await supplier.stop();
  }
}
