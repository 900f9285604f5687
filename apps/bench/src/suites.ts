import { against } from './against';
import { coldKey } from './cold-key';
import { freshnessOfReads } from './freshness';
import { mix } from './mix';
import { openLoopMix, openLoopReads } from './open-loop';
import type { Options } from './options';
import { redisOutages } from './outage';
import { deepPages } from './pages';
import { cachedReads, guardedReads } from './reads';
import { scale } from './scale';
import type { Scenario } from './scenario';
import { soak, start } from './start';
import { transfer } from './transfer';
import { uncachedAlone, uncachedReads } from './uncached';
import { writes } from './writes';

const suites = {
  all: [
    ...cachedReads,
    openLoopReads,
    uncachedReads,
    uncachedAlone,
    mix,
    openLoopMix,
    deepPages,
    scale,
    transfer,
    coldKey,
    freshnessOfReads,
    ...writes,
    ...redisOutages,
    start,
    soak,
  ],
  cache: [...cachedReads, freshnessOfReads, ...redisOutages, ...writes],
  /** As much as a test needs to see that an optimisation is lost. */
  guard: [...guardedReads, uncachedReads, deepPages, coldKey],
} satisfies Record<string, readonly Scenario[]>;

/** @throws Error with a sentence when there is none of that name */
export function scenariosOf(
  suite: string,
  { only, isQuick, against: url }: Pick<Options, 'only' | 'isQuick' | 'against'>,
): readonly Scenario[] {
  const known: readonly Scenario[] | undefined = suite in suites ? suites[suite as keyof typeof suites] : undefined;
  if (known === undefined) throw new Error(`Say which: ${Object.keys(suites).join(', ')}.`);
  const all = [...known, ...(url === undefined ? [] : against)];
  const unknown = only.filter((name) => !all.some((scenario) => scenario.name === name));
  if (unknown.length > 0)
    throw new Error(`No scenario ${unknown.join(', ')}; there are ${all.map(({ name }) => name).join(', ')}.`);
  if (only.length > 0) return all.filter(({ name }) => only.includes(name));
  return isQuick && suite === 'all' ? all.filter(({ isLong }) => !isLong) : all;
}
