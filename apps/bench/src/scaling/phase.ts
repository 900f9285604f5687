// What was counted while one load lasted.
import type { Counts } from './watch';

export interface Phase {
  readonly before: Counts;
  readonly after: Counts;
  readonly seconds: number;
}

export type Summed =
  'polls' | 'pollSeconds' | 'misses' | 'loads' | 'reads' | 'writes' | 'ownCpuSeconds' | 'feedCpuSeconds';

export const grown = ({ before, after }: Phase, of: Summed): number => after[of] - before[of];

/** A second. */
export const rateOf = (phase: Phase, of: Summed): number => grown(phase, of) / phase.seconds;

/** Microseconds of PostgreSQL. */
export const pollIn = (quiet: Phase): number => (1e6 * grown(quiet, 'feedCpuSeconds')) / grown(quiet, 'polls');
export const changeIn = (mixed: Phase, poll: number, instances: number): number =>
  Math.max(0, 1e6 * grown(mixed, 'feedCpuSeconds') - poll * grown(mixed, 'polls')) /
  (grown(mixed, 'writes') * instances);
