// The protections of the cache, each taken away by one patch of one source file: the checker must notice every one of them.
import type { Workload } from './phase';
import { FROZEN, LATE, RARE, SLOW } from './workloads';

export interface Mutant {
  readonly name: string;
  /** Path in the repository. */
  readonly file: string;
  /** Must be there exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Under which it shows quickly; the build as it is must show nothing under the same. */
  readonly workload: Workload;
}

/** How a mutant fared. */
export interface Capture {
  readonly name: string;
  /** Milliseconds of reading and writing; undefined: it got away. */
  readonly caughtAfterMs?: number;
  readonly reads: number;
  /** What gave it away. */
  readonly story?: string;
  /** Of the build as it is. */
  readonly violationsWithout: number;
  readonly readsWithout: number;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'the lease never ends',
    file: 'libs/database/src/change-feed.ts',
    find: 'this.freshUntil = begunAt + this.settings.stalenessMs;',
    replace: 'this.freshUntil = Infinity;',
    workload: FROZEN,
  },
  {
    name: 'entries from Redis are not checked',
    file: 'libs/caching/src/keeper.ts',
    find: 'if (!entry || !feed.known.covers(entry.snapshot, entry.tags)) continue;',
    replace: 'if (!entry) continue;',
    workload: RARE,
  },
  {
    name: 'polls ask for what is above the last',
    file: 'libs/database/src/feed-source.ts',
    find: 'xid >= $1::xid8 OR xid = ANY($2::xid8[])',
    replace: 'xid >= $1::xid8 AND $2::xid8[] IS NOT NULL',
    workload: LATE,
  },
  {
    name: 'fills are not checked at insertion',
    file: 'libs/caching/src/keeper.ts',
    find: ' || !feed.known.covers(snapshot, tags)) return found;',
    replace: ') return found;',
    workload: SLOW,
  },
  {
    name: 'old loads are joined',
    file: 'libs/caching/src/cache.ts',
    find: 'return isFresh && snapshot !== undefined && feed.known.covers(snapshot, this.terms.tagsOf(key, undefined));',
    replace: 'return snapshot !== undefined;',
    workload: SLOW,
  },
  {
    name: 'there is no floor',
    file: 'libs/database/src/known-changes.ts',
    find: 'if (!this.knowsAllSince(snapshot)) return false;',
    replace: '',
    workload: RARE,
  },
  {
    name: 'the snapshot is taken after the load',
    file: 'libs/caching/src/cache.ts',
    find: 'const values = await flight.crowd.run(() => (isTraced ? tracing(made, () => load(missing)) : load(missing)));',
    replace: `const values = await flight.crowd.run(() => (isTraced ? tracing(made, () => load(missing)) : load(missing)));
    flight.snapshot = this.ground.feed.snapshot;`,
    workload: SLOW,
  },
];
