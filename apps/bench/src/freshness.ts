// What the promise of freshness costs reads: the service beside itself with a plain time to live, which never looks for changes.
import type { Server } from './child';
import { hold } from './contest';
import { patchedDist, type Patch } from './patched';
import { hotItems } from './reads';
import { FLOODGATE } from './rivals';
import { atLeast, type Scenario } from './scenario';
import { startService } from './service';
import { ratioOf } from './summary';

const FEED = 'libs/database/src/change-feed.js';
const SWITCH = 'SIGUSR2';
const PLAIN = 'plain TTL';

/**
 * The signal makes everything fresh for ever and ends all polls; the next one goes back. Two processes of the same program
 * differ by some percent, whatever they do: one process in two states tells less than that apart.
 */
export const SWITCHABLE: readonly Patch[] = [
  [
    FEED,
    'this.freshUntil = begunAt + this.settings.stalenessMs;',
    'this.freshUntil = this.isPlain ? Infinity : begunAt + this.settings.stalenessMs;',
  ],
  [FEED, 'if (!this.isClosed) this.timer', 'if (!this.isClosed && !this.isPlain) this.timer'],
  [
    FEED,
    'this.known = new _knownchanges.KnownChanges(settings.maxTags);',
    `this.known = new _knownchanges.KnownChanges(settings.maxTags);
        process.on('${SWITCH}', () => {
            this.isPlain = !this.isPlain;
            this.freshUntil = this.isPlain ? Infinity : -Infinity;
            clearTimeout(this.timer);
            if (!this.isPlain) void this.poll();
        });`,
  ],
];

/** Rounds are shorter and more than elsewhere: what is looked for is smaller than the noise of one round. */
const ROUNDS_FOR_ONE = 5;
const QUICK_ROUNDS_FOR_ONE = 2;

export const freshnessOfReads: Scenario = {
  name: 'freshness',
  title: 'hot items by id: what freshness costs',
  run: async (world, options) => {
    const server = await startService(world, { dist: patchedDist('switchable', SWITCHABLE) });
    const contestants = statesOf(server);
    const many = {
      ...options,
      rounds: (options.isQuick ? QUICK_ROUNDS_FOR_ONE : ROUNDS_FOR_ONE) * options.rounds,
      seconds: 1,
    };
    const contest = { name: 'freshness', status: 200, asks: hotItems(world), contestants };
    const summaries = await hold(contest, many, world.directory);
    return { summaries, goals: [atLeast(`${FLOODGATE} / ${PLAIN}`, ratioOf(summaries, FLOODGATE, PLAIN), 0.98)] };
  },
};

function statesOf(server: Server) {
  let isPlain = false;
  const state = (name: string, wanted: boolean) => ({
    name,
    start: () => Promise.resolve(server),
    prepare: () => {
      if (isPlain !== wanted) process.kill(server.pid, SWITCH);
      isPlain = wanted;
    },
  });
  return [state(PLAIN, true), state(FLOODGATE, false)];
}
