// Tells the other instances that something has changed, so that they look at once; whoever misses it looks a little later.
import { randomUUID } from 'node:crypto';
import type { ChangeFeed } from '@app/database';
import type { SharedTier } from './shared-tier';

const CHANNEL = 'floodgate:changes';
/** Milliseconds: many writes at once are one reason to look. */
export const WAKE_UP_GAP_MS = 2;

export function exchangeWakeUps(feed: ChangeFeed, shared: SharedTier): void {
  const self = randomUUID();
  let lastAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    timer = undefined;
    lastAt = performance.now();
    shared.publish(CHANNEL, self);
  };
  feed.onCommit = () => {
    if (timer !== undefined) return;
    const waitMs = lastAt + WAKE_UP_GAP_MS - performance.now();
    if (waitMs <= 0) tell();
    else timer = setTimeout(tell, waitMs).unref();
  };
  shared.subscribe(CHANNEL, (sender) => {
    if (sender !== self) feed.wake();
  });
}
