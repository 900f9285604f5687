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
