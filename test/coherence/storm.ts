// Chooses faults by the seed, one after the other in each lane, and remembers when what was wrong.
import { setTimeout as sleep } from 'node:timers/promises';
import { type FaultName, FAULTS, LANES } from './faults';
import type { Random } from './random';
import type { World } from './world';

interface Entry {
  readonly name: FaultName;
  readonly from: number;
  until: number;
}

export interface Weather {
  readonly faults: readonly FaultName[];
  /** Milliseconds between two faults of a lane, at least and at most. */
  readonly pauseMs: readonly [number, number];
}

const RECENT_MS = 1_500;

export class Storm {
  private readonly log: Entry[] = [];

  constructor(private readonly random: Random) {}

  /** What was going wrong shortly before a time, as a part of a sentence. */
  recently(at: number): string {
    const names = this.log.filter(({ from, until }) => from <= at && until >= at - RECENT_MS).map(({ name }) => name);
    return names.length === 0 ? 'nothing was wrong' : `just before: ${[...new Set(names)].join(', ')}`;
  }

  counts(): Map<FaultName, number> {
    const counts = new Map<FaultName, number>();
    for (const { name } of this.log) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
  }

  /** Until the given moment. Each fault of a lane comes once before one comes again. */
  async rage(world: World, { faults, pauseMs }: Weather, isOver: () => boolean): Promise<void> {
    const lanes = LANES.map((lane) => lane.filter((name) => faults.includes(name)));
    await Promise.all(lanes.map((lane) => this.rageIn(world, lane, pauseMs, isOver)));
  }

  private async rageIn(
    world: World,
    lane: readonly FaultName[],
    pauseMs: Weather['pauseMs'],
    isOver: () => boolean,
  ): Promise<void> {
    let left: FaultName[] = [];
    while (lane.length > 0 && !isOver()) {
      await sleep(this.random.between(...pauseMs));
      if (left.length === 0) left = this.random.some(lane.length, lane);
      const name = left.shift() as FaultName;
      const entry = { name, from: performance.now(), until: Infinity };
      this.log.push(entry);
      await FAULTS[name](world, this.random);
      entry.until = performance.now();
    }
  }
}
