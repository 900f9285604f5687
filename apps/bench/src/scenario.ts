import type { Options } from './options';
import type { Summary } from './summary';
import type { World } from './world';

/** What must be reached, and what was. */
export interface Goal {
  readonly what: string;
  readonly value: number;
  readonly target: number;
  /** `least`: the value must be the target or more; `most`: or less. */
  readonly bound: 'least' | 'most';
}

/** Of a load at a fixed rate; from the moment when a request was due. */
export interface Latencies {
  readonly name: string;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

/** How old what a server showed was, judged by the versions that it had acknowledged. */
export interface Staleness {
  readonly name: string;
  readonly reads: number;
  /** That showed an older version than one acknowledged before they were sent. */
  readonly staleReads: number;
  /** Older by more than the promise, which is 100 ms. */
  readonly brokenReads: number;
  /** Of the stale ones. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** Resident memory over time. */
export interface MemorySeries {
  readonly name: string;
  readonly seconds: readonly number[];
  readonly mebibytes: readonly number[];
}

export interface Result {
  readonly summaries?: readonly Summary[];
  readonly latencies?: readonly Latencies[];
  readonly staleness?: readonly Staleness[];
  readonly figures?: readonly Figure[];
  readonly memory?: readonly MemorySeries[];
  readonly goals?: readonly Goal[];
}

/** One chapter of the report. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** Left out of a quick run, unless it is named. */
  readonly isLong?: boolean;
  /** @throws Error when an answer was not as it must be: then there is no figure */
  readonly run: (world: World, options: Options) => Promise<Result>;
}

export const atLeast = (what: string, value: number, target: number): Goal => ({ what, value, target, bound: 'least' });
export const atMost = (what: string, value: number, target: number): Goal => ({ what, value, target, bound: 'most' });

export const isReached = ({ value, target, bound }: Goal): boolean =>
  bound === 'least' ? value >= target : value <= target;
