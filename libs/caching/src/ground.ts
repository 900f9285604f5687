// What a cache stands on, and what is on its way to it.
import type { ChangeFeed, Snapshot } from '@app/database';
import type { Found } from './found';
import type { Memory } from './memory';
import type { SharedTier } from './shared-tier';

/** What all caches of a process stand on. */
export interface Ground {
  readonly feed: ChangeFeed;
  readonly memory: Memory;
  readonly shared?: SharedTier;
  /** What is loaded inside a transaction may never be committed, and must not be missed by it. */
  readonly isInTransaction: () => boolean;
}

/** Keys on their way from Redis or from the database, for all who ask for them meanwhile. */
export interface Flight<V> {
  /** The feed's snapshot before the load began; undefined while it has not begun. */
  snapshot?: Snapshot;
  generation: number;
  isLoading: boolean;
  /** It takes from Redis what holds for whoever asked first, and may not hold for one who came later. */
  readonly mayBeShared: boolean;
  landed: Promise<ReadonlyMap<string, Found<V>>>;
}
