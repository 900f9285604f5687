// What a change feed needs to know, and whom it tells.
import type { Telemetry } from '@app/telemetry';
import type { FeedSource } from './feed-source';

/** How often an instance asks, all else apart. Milliseconds. */
export const FEED_PACE = {
  /** Within each Δ, so many polls begin. */
  pollsInStaleness: 4,
  /** Of an instance that nobody has asked anything for so long, none. */
  idleAfterMs: 1_000,
  /** Who is woken begins no sooner after the last beginning, unless a poll is under way: then another follows it. */
  minGapMs: 5,
} as const;

export interface ChangeFeedSettings {
  readonly source: FeedSource;
  readonly telemetry: Telemetry;
  /** Δ, in milliseconds: nothing older than this is shown. */
  readonly stalenessMs: number;
  /** Changed rows that are remembered. */
  readonly maxTags: number;
  /** A monotonic clock, in milliseconds. */
  readonly now?: () => number;
}

export interface FeedListener {
  /** These have just changed: drop what was built from them. */
  readonly changed: (tags: readonly string[]) => void;
  /** Nothing that was read before counts any more. */
  readonly reset: () => void;
}
