import { type Spread, spreadOf } from './statistics';

export interface Round {
  readonly perSecond: number;
  /** User and system time of the server for one request. */
  readonly cpuMicroseconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Summary {
  readonly name: string;
  readonly rounds: readonly Round[];
  readonly perSecond: Spread;
  /** Of the speeds in the same round: this one's divided by the reference's. */
  readonly ratio: Spread;
  readonly cpuMicroseconds: Spread;
  /** The reference's CPU time in the same round, divided by this one's: what a noisy machine disturbs least. */
  readonly cpuRatio: Spread;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the server, at its peak. */
  readonly residentMebibytes?: number;
  /** Share of answers that said that they came from a cache. */
  readonly hits?: number;
}

export function summaryOf(name: string, rounds: readonly Round[], reference: readonly Round[]): Summary {
  const spread = (of: (round: Round, same: Round) => number): Spread =>
    spreadOf(rounds.map((round, at) => of(round, reference[at] as Round)));
  return {
    name,
    rounds,
    perSecond: spread(({ perSecond }) => perSecond),
    ratio: spread(({ perSecond }, same) => perSecond / same.perSecond),
    cpuMicroseconds: spread(({ cpuMicroseconds }) => cpuMicroseconds),
    cpuRatio: spread(({ cpuMicroseconds }, same) => same.cpuMicroseconds / cpuMicroseconds),
    p50Ms: spread(({ p50Ms }) => p50Ms).median,
    p99Ms: spread(({ p99Ms }) => p99Ms).median,
  };
}

/** Of two that were measured in the same rounds: how many times faster the first is, at the median. */
export const ratioOf = (summaries: readonly Summary[], name: string, rival: string): number =>
  medianOf(summaries, name, rival, (one, other) => one.perSecond / other.perSecond);

/** The same of their CPU time for a request: how many times less the first needs. */
export const cpuRatioOf = (summaries: readonly Summary[], name: string, rival: string): number =>
  medianOf(summaries, name, rival, (one, other) => other.cpuMicroseconds / one.cpuMicroseconds);

function medianOf(
  summaries: readonly Summary[],
  name: string,
  rival: string,
  compare: (one: Round, other: Round) => number,
): number {
  const roundsOf = (wanted: string): readonly Round[] => summaries.find((one) => one.name === wanted)?.rounds ?? [];
  const others = roundsOf(rival);
  return spreadOf(roundsOf(name).map((round, at) => compare(round, others[at] as Round))).median;
}
