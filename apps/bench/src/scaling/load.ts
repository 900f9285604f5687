// What a fleet is asked for, and how it is set up.
import { TTL_JITTER } from '@app/caching';
import { zipf } from '../zipf';

export interface Load {
  readonly instances: number;
  /** Of all instances together; reads by id, beside the writes. */
  readonly readsPerSecond: number;
  /** Changes of one item each, popular ones most. */
  readonly writesPerSecond: number;
  readonly items: number;
  readonly exponent: number;
  readonly stalenessMs: number;
  readonly ttlMs: number;
  /** Items that the memory of one instance holds. */
  readonly kept: number;
  readonly isWithRedis: boolean;
  /** From a poll's beginning to its answer. */
  readonly pollMs: number;
}

/** What a time to live comes to on average. */
export const MEAN_LIFE = 1 - TTL_JITTER / 2;

/** The share of each item in the reads, and in the writes. */
export function sharesOf({ items, exponent }: Pick<Load, 'items' | 'exponent'>): Float64Array {
  const weights = Float64Array.from({ length: items }, (_, at) => 1 / (at + 1) ** exponent);
  const sum = weights.reduce((total, one) => total + one, 0);
  return weights.map((one) => one / sum);
}

export const drawOf = ({ items, exponent }: Pick<Load, 'items' | 'exponent'>): ((uniform: number) => number) =>
  zipf(items, exponent);

/** In a second, of the whole fleet. */
export interface Traffic {
  readonly polls: number;
  /** Reads that memory could not answer. */
  readonly misses: number;
  /** Items that PostgreSQL was asked for. */
  readonly loads: number;
  /** Wake-ups that were sent, each to all. */
  readonly publishes: number;
}
