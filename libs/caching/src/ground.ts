// What a cache stands on.
import type { ChangeFeed } from '@app/database';
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
