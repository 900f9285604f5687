// Suppliers of every bad kind are read beside good ones, while others ask the API.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SeparateCaller } from '../support/separate-caller';
import type { Asked } from '../support/load';
import { bombs, drips, fails, inTurn, publishes, redirects, resets, saysNothing, Supplier } from '../support/supplier';
import { killWorker, spawnWorker } from '../support/worker';
import { atLeast, EXACTLY, type Figure, type Form, none, within } from './row';
import { quantile, type Stage } from './stage';

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
const SLOW = {
  slow: drips(' '.repeat(TOO_LONG)),
  silent: saysNothing,
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
  const { api, postgres, instance, traffic } = stage;
  const supplier = await Supplier.start();
  const caller = await SeparateCaller.start(`http://127.0.0.1:${instance.port}`);
  const worker = await spawnWorker(postgres.url);
  const endless = fork(join(__dirname, '../support/endless-supplier.cjs'));
  try {
    const [port] = (await once(endless, 'message')) as [number];
    const as = await api.createAccount({ role: 'admin' });
    const add = async (name: string, url: string): Promise<string> =>
      (await api.request('POST', '/v1/feeds', { as, body: { name, url, format: 'ndjson' } })).body.id as string;
    const bad: string[] = [];
    for (const [name, manner] of Object.entries({ ...BAD, ...(form.isShort ? {} : SLOW) }))
      bad.push(await add(name, supplier.at(`/${name}`, manner)));
    if (!form.isShort) bad.push(await add('endless', `http://127.0.0.1:${port}/`));
    const good: string[] = [];
    for (let feed = 0; feed < GOOD; feed++)
      good.push(await add(`good ${feed}`, supplier.at(`/good/${feed}`, publishes(catalogue(feed)))));
    let count = 0;
    const next = (): Asked[] => Array.from({ length: form.perSecond }, () => traffic.ordinary(count++));
    const calm = await caller.during(delay(CALM_MS), next, form.perSecond);
    const job = (async () => {
      const { id } = (await api.request('POST', '/v1/feeds/refresh', { as, body: { feedIds: [...bad, ...good] } }))
        .body;
      // Resolves with the end of the job.
      await api.request('GET', `/v1/jobs/${id}/events`, { as });
      return (await api.request('GET', `/v1/jobs/${id}`, { as })).body as Job;
    })();
    const meanwhile = await caller.during(job, next, form.perSecond);
    const told = await job;
    const failed = [...calm, ...meanwhile].map(({ status }) => status).filter((status) => status < 200 || status > 299);
    const of = (ids: readonly string[]): Job['feeds'] => told.feeds.filter(({ feedId }) => ids.includes(feedId));
    // The first second compiles.
    const usual = quantile(calm.slice(form.perSecond), 0.99);
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
      none('failed requests', failed.length, failed),
      within('p99 of the API', quantile(meanwhile, 0.99), usual + MORE_THAN_USUAL * form.patience, EXACTLY),
    ];
  } finally {
    await caller.stop();
    await killWorker(worker);
    endless.disconnect();
    await supplier.stop();
  }
}
