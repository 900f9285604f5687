// Reads that no cache can have: rows at random out of a large table, and hardly any memory to keep them in.
import { hold } from './contest';
import { type LargeTable, largeTable } from './databases';
import type { Options } from './options';
import { FASTIFY_PG, fastifyPg, FLOODGATE, floodgate, NEST, nest } from './rivals';
import type { Ask } from './requests';
import { atLeast, atMost, type Scenario } from './scenario';
import { ratioOf, type Summary } from './summary';
import type { World } from './world';

/** No Redis, and a mebibyte: a thousand items or so. */
export const UNCACHED = { REDIS_URL: '', CACHE_MEMORY_MB: '1' };
const ASKED_BEFORE = 50;
/** The way to the database is long: it takes more requests until all of it is compiled. */
const MIN_WARM_UP_SECONDS = 2;

export const asksOf = ({ ids }: LargeTable): Ask[] => ids.map((id) => ({ path: `/v1/items/${id}` }));

async function measure(world: World, options: Options, name: string): Promise<Summary[]> {
  const table = await largeTable(world, options.rows);
  const { url } = table;
  const contestants = [fastifyPg(world, url), nest(world, url), floodgate(world, { ...UNCACHED, DATABASE_URL: url })];
  const contest = { name, status: 200, asks: asksOf(table), askedBefore: ASKED_BEFORE, contestants };
  const warmUpSeconds = Math.max(options.warmUpSeconds, MIN_WARM_UP_SECONDS);
  return hold(contest, { ...options, warmUpSeconds }, world.directory);
}

export const uncachedReads: Scenario = {
  name: 'uncached',
  title: 'a random row of the large table, hardly any of them cached',
  run: async (world, options) => {
    const summaries = await measure(world, options, 'uncached');
    const goals = [
      atLeast(`${FLOODGATE} / ${FASTIFY_PG}`, ratioOf(summaries, FLOODGATE, FASTIFY_PG), 2.5),
      atLeast(`${FLOODGATE} / ${NEST}`, ratioOf(summaries, FLOODGATE, NEST), 4),
    ];
    return { summaries, goals };
  },
};

export const uncachedAlone: Scenario = {
  name: 'uncached-alone',
  isLong: true,
  title: 'the same over one connection: what gathering costs when there is nothing to gather',
  run: async (world, options) => {
    const summaries = await measure(world, { ...options, connections: 1 }, 'uncached-alone');
    const p50 = (wanted: string): number => summaries.find(({ name }) => name === wanted)?.p50Ms ?? NaN;
    return {
      summaries,
      goals: [atMost(`p50 of ${FLOODGATE} / p50 of ${FASTIFY_PG}`, p50(FLOODGATE) / p50(FASTIFY_PG), 1.1)],
    };
  },
};
