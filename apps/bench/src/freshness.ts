// What the promise of freshness costs reads: the service beside itself with a plain time to live, which never looks for changes.
import { hold } from './contest';
import { patchedDist, type Patch } from './patched';
import { hotItems } from './reads';
import type { Scenario } from './scenario';
import { startService } from './service';

const FEED = 'libs/database/src/change-feed.js';

/** The first poll makes everything fresh for ever, and is the last. */
export const NEVER_LOOK_AGAIN: readonly Patch[] = [
  [FEED, 'this.freshUntil = begunAt + this.settings.stalenessMs;', 'this.freshUntil = Infinity;'],
  [FEED, 'if (!this.isClosed) this.timer = setTimeout(', 'if (false) this.timer = setTimeout('],
];

export const freshnessOfReads: Scenario = {
  name: 'freshness',
  title: 'hot items by id: what freshness costs',
  run: (world, options) => {
    const dist = patchedDist('never-look-again', NEVER_LOOK_AGAIN);
    const contestants = [
      { name: 'plain TTL', start: () => startService(world, dist) },
      { name: 'Floodgate', start: () => startService(world) },
    ];
    return hold({ name: 'freshness', status: 200, asks: hotItems(world), contestants }, options, world.directory);
  },
};
