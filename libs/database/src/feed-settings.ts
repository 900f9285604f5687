// What a change feed needs to know, and whom it tells.
import type { Telemetry } from '@app/telemetry';
import type { FeedSource } from './feed-source';

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
