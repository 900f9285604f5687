// What operators see of the caches and of the change feed.
import type { ChangeFeed } from '@app/database';
import type { Metrics } from '@app/telemetry';
import type { Answers } from './answers';
import type { Caches } from './caches';
import type { Memory } from './memory';
import type { SharedTier } from './shared-tier';

export interface Watched {
  readonly feed: ChangeFeed;
  readonly memory: Memory;
  readonly caches: Caches;
  readonly answers: Answers;
  readonly shared?: SharedTier;
}

export function watchCaches(metrics: Metrics, { feed, memory, caches, answers, shared }: Watched): void {
  const outcomes = ['memory', 'redis', 'joined', 'loaded'] as const;
  metrics.watch(
    'counter',
    'cache_requests_total',
    'Questions to a cache, by what answered: memory, redis, joined (a load that was under way) or loaded.',
    () =>
      [['answers', answers] as const, ...caches.all()].flatMap(([cache, { counts }]) =>
        outcomes.map((outcome) => ({ labels: { cache, outcome }, value: counts[outcome] })),
      ),
  );
  const one = (
    kind: 'gauge' | 'counter',
    name: string,
    help: string,
    read: () => number,
    overWorkers: 'sum' | 'min' | 'max' = 'sum',
  ): void => metrics.watch(kind, name, help, () => [{ value: read() }], overWorkers);
  const leaseMs = (): number => Math.max(0, feed.freshUntil - performance.now());
  one('gauge', 'cache_memory_bytes', 'Bytes that cached answers and values take, as estimated.', () => memory.bytes);
  one('gauge', 'cache_memory_entries', 'Cached answers and values in memory.', () => memory.size);
  one('counter', 'cache_evictions_total', 'Entries that left memory for lack of room.', () => memory.evictions);
  one(
    'gauge',
    'change_feed_lag_seconds',
    'Since the last successful look at the changes began.',
    () => feed.lagMs / 1_000,
    'max',
  );
  one(
    'gauge',
    'change_feed_overdue_seconds',
    'For how long requests have wanted a look at the changes in vain; 0 where nobody asks.',
    () => feed.overdue.at(performance.now()) / 1_000,
    'max',
  );
  one(
    'gauge',
    'change_feed_lease_seconds',
    'For how long cached state may still be shown.',
    () => leaseMs() / 1_000,
    'min',
  );
  one('gauge', 'change_feed_known_changes', 'Changed rows that are remembered.', () => feed.known.size);
  if (shared)
    one('gauge', 'redis_up', '1 while Redis answers, else 0.', () => (shared.state() === 'ok' ? 1 : 0), 'min');
}
