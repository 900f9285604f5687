// What a fleet asks of PostgreSQL and Redis, in closed form: docs/scaling.md derives it.
import { WAKE_UP_GAP_MS } from '@app/caching';
import { FEED_PACE } from '@app/database';
import { type Load, MEAN_LIFE, sharesOf, type Traffic } from './load';

/** Polls of one instance in a second. Rates are per second. */
export function pollsOf(
  { stalenessMs, pollMs }: Pick<Load, 'stalenessMs' | 'pollMs'>,
  wakeUps: number,
  ownWrites: number,
): number {
  const gap = Math.max(FEED_PACE.minGapMs, pollMs);
  const most = Math.max(stalenessMs / FEED_PACE.pollsInStaleness, gap);
  const [own, any] = [ownWrites / 1_000, (ownWrites + wakeUps) / 1_000];
  // From one beginning to the next: a flight, in which nobody asks for another; then the gap, which only an own write cuts short;
  // then whatever comes first.
  const isQuiet = Math.exp(-any * pollMs);
  const inGap = integral(own, gap - pollMs);
  const afterGap = Math.exp(-any * (gap - pollMs)) * integral(any, most - gap);
  return 1_000 / (pollMs + isQuiet * (inGap + afterGap));
}

/** Of e^(-rate · t), from 0. */
const integral = (rate: number, until: number): number => (rate > 0 ? (1 - Math.exp(-rate * until)) / rate : until);

/** Wake-ups that one instance sends in a second: all writes of the gap after the last one are one. */
export function wakeUpsOf(ownWrites: number): number {
  const perMs = ownWrites / 1_000;
  return ownWrites > 0 ? 1_000 / (WAKE_UP_GAP_MS + Math.exp(-perMs * WAKE_UP_GAP_MS) / perMs) : 0;
}

export function trafficOf(load: Load): Traffic {
  const { instances, writesPerSecond, isWithRedis } = load;
  const ownWrites = writesPerSecond / instances;
  const publishes = isWithRedis ? wakeUpsOf(ownWrites) * instances : 0;
  const polls = pollsOf(load, (publishes * (instances - 1)) / instances, ownWrites);
  return { polls: instances * polls, publishes, ...missesOf(load, polls) };
}

/** @param polls of one instance in a second: changes between two of them drop an item once */
export function missesOf(load: Load, polls: number): Pick<Traffic, 'misses' | 'loads'> {
  const { instances, isWithRedis } = load;
  const items = ratesOf(load, polls);
  const idle = idleTimeOf(items, load);
  let [misses, loads] = [0, 0];
  for (const { reads, ends, isWritten } of items) {
    const missed = 1 / (1 / reads + residence(reads, ends, idle));
    misses += instances * missed;
    // After a write nobody has it; after its time alone, only those miss it who have not taken it meanwhile.
    const wait = isWritten / (instances * reads) + (1 - isWritten) / (instances * missed);
    loads += isWithRedis ? Math.min(instances * missed, 1 / (1 / ends + wait)) : instances * missed;
  }
  return { misses, loads };
}

/** Seconds after which what nobody has read leaves the memory of an instance; Infinity where everything has room. */
export const idleSecondsOf = (load: Load, polls: number): number => idleTimeOf(ratesOf(load, polls), load);

/** Of one item at one instance, per second. */
interface Rates {
  readonly reads: number;
  /** How often a kept one ends: by a write, or with its time to live. */
  readonly ends: number;
  /** How likely it is a write that ends it. */
  readonly isWritten: number;
}

function ratesOf(load: Load, polls: number): Rates[] {
  const { instances, readsPerSecond, writesPerSecond, ttlMs } = load;
  const life = (ttlMs / 1_000) * MEAN_LIFE;
  return Array.from(sharesOf(load), (share) => {
    const drops = polls * (1 - Math.exp((-writesPerSecond * share) / polls));
    const isWritten = 1 - Math.exp(-drops * life);
    return { reads: (readsPerSecond * share) / instances, ends: drops > 0 ? drops / isWritten : 1 / life, isWritten };
  });
}

/** Seconds that an item stays once it is read: until it ends, or nobody has read it for as long as memory can wait. */
function residence(reads: number, ends: number, idle: number): number {
  const left = 1 - Math.exp(-(reads + ends) * idle);
  return left / (reads + ends - reads * left);
}

const occupancy = ({ reads, ends }: Rates, idle: number): number => {
  const stays = residence(reads, ends, idle);
  return stays / (1 / reads + stays);
};

/** Che's approximation: the time after which whoever was not read leaves, so that what is left just fits. Seconds. */
function idleTimeOf(items: readonly Rates[], { kept }: Load): number {
  const held = (idle: number): number => items.reduce((sum, one) => sum + occupancy(one, idle), 0);
  if (held(Infinity) <= kept) return Infinity;
  let [low, high] = [0, 1e9];
  for (let at = 0; at < 80; at++) {
    const middle = at < 40 ? Math.sqrt(Math.max(low, 1e-9) * high) : (low + high) / 2;
    if (held(middle) > kept) high = middle;
    else low = middle;
  }
  return low;
}
