// Pages far down a list beside the first ones, each asked when no cache has it.
import { Agent } from 'node:http';
import { largeTable, withClient } from './databases';
import { cpuSecondsOf } from './machine';
import type { Options } from './options';
import { ask } from './requests';
import { atMost, type Result, type Scenario } from './scenario';
import { type ServiceOptions, startService } from './service';
import { spreadOf } from './statistics';
import { type Round, summaryOf } from './summary';
import { UNCACHED } from './uncached';
import type { World } from './world';

const ROWS = 10;
const DEEP = 3_000;
/** As many pages are measured there and at the top. */
const PAGES = 100;
const TOP = `page 1 to ${PAGES}`;
const BOTTOM = `page ${DEEP - PAGES + 1} to ${DEEP}`;

export const deepPages: Scenario = {
  name: 'deep-page',
  isLong: true,
  title: `pages of ${ROWS} by cursor, one connection, uncached: page ${DEEP} beside page 1`,
  run: async (world, options) => {
    const { url } = await largeTable(world, Math.max(options.rows, 2 * ROWS * DEEP));
    return measurePages(world, options, { environment: { ...UNCACHED, DATABASE_URL: url } }, url);
  },
};

async function measurePages(world: World, options: Options, settings: ServiceOptions, url: string): Promise<Result> {
  const service = await startService(world, settings);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const paths = await walk(service.url, agent);
    const measure = async (some: readonly string[]): Promise<Round> => {
      await forget(url);
      return timed(service, some, agent);
    };
    const done = { top: [] as Round[], bottom: [] as Round[] };
    for (let round = 0; round < options.rounds; round++) {
      const first = round % 2 === 0 ? ('top' as const) : ('bottom' as const);
      for (const which of [first, first === 'top' ? ('bottom' as const) : ('top' as const)])
        done[which].push(await measure(which === 'top' ? paths.slice(0, PAGES) : paths.slice(-PAGES)));
      process.stderr.write('.');
    }
    const summaries = [summaryOf(TOP, done.top, done.top), summaryOf(BOTTOM, done.bottom, done.top)];
    const slower = spreadOf(done.bottom.map(({ p50Ms }, at) => p50Ms / (done.top[at]?.p50Ms ?? NaN)));
    return { summaries, goals: [atMost(`p50 of ${BOTTOM} / p50 of ${TOP}`, slower.median, 1.2)] };
  } finally {
    agent.destroy();
    await service.stop();
  }
}

/** @returns the paths of the pages, in order */
async function walk(url: string, agent: Agent): Promise<string[]> {
  const paths = [`/v1/items?limit=${ROWS}`];
  while (paths.length < DEEP) {
    const { body } = await ask(url, { path: paths.at(-1) as string }, agent);
    const { page } = JSON.parse(body.toString()) as { page: { next: string | null } };
    if (page.next === null) throw new Error(`The list ended at page ${paths.length}, before page ${DEEP}.`);
    paths.push(`/v1/items?limit=${ROWS}&cursor=${encodeURIComponent(page.next)}`);
  }
  return paths;
}

/** Any change of the table drops all lists; what was read in the time of the promise before may still be shown. */
async function forget(url: string): Promise<void> {
  await withClient(url, (client) =>
    client.query('UPDATE items SET stock = stock + 1 WHERE id = (SELECT id FROM items ORDER BY created_at LIMIT 1)'),
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
}

async function timed(
  { url, pid }: { url: string; pid: number },
  paths: readonly string[],
  agent: Agent,
): Promise<Round> {
  const latencies: number[] = [];
  const cpuBefore = cpuSecondsOf(pid);
  const startedAt = performance.now();
  for (const path of paths) {
    const sentAt = performance.now();
    const { status, headers } = await ask(url, { path }, agent);
    latencies.push(performance.now() - sentAt);
    if (status !== 200) throw new Error(`${path} answered ${status}.`);
    if ((headers['cache-status'] ?? '').includes('hit')) throw new Error(`${path} came from a cache.`);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(share * (latencies.length - 1))] as number;
  return {
    perSecond: paths.length / seconds,
    cpuMicroseconds: ((cpuSecondsOf(pid) - cpuBefore) / paths.length) * 1e6,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}
