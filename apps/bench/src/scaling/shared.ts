// Redis, as far as it matters here: whether it has an item that holds. Of the instances that are not simulated, what they have
// put there is drawn from what they would have been asked for.
import { type Load, MEAN_LIFE } from './load';
import { waitOf } from './random';

export interface Others {
  readonly count: number;
  /** Reads of one item by one instance in a millisecond, and those that its memory can't answer when nobody has written. */
  readonly reads: (item: number) => number;
  readonly misses: (item: number) => number;
}

export class Shared {
  loads = 0;
  private readonly until: Float64Array;
  /** Since when it is not there. */
  private readonly goneAt: Float64Array;
  /** Whether a write has ended it, so that nobody holds it any more; else its time was over, and others may. */
  private readonly isWritten: Uint8Array;
  private readonly lifeMs: number;

  constructor(
    load: Load,
    private readonly random: () => number,
    private readonly others: Others,
  ) {
    this.until = new Float64Array(load.items).fill(-Infinity);
    this.goneAt = new Float64Array(load.items);
    this.isWritten = new Uint8Array(load.items).fill(1);
    this.lifeMs = load.ttlMs * MEAN_LIFE;
  }

  /** An instance that is simulated asks. @returns whether it was there; else it is loaded, and there from now on */
  ask(item: number, now: number): boolean {
    const until = this.until[item] as number;
    if (now < until) return true;
    if (until > (this.goneAt[item] as number)) this.end(item, until, 0);
    const { count, reads, misses } = this.others;
    const rate = count * (this.isWritten[item] ? reads(item) : misses(item));
    const filledAt = (this.goneAt[item] as number) + waitOf(rate, this.random());
    const isFilled = filledAt < now && now < filledAt + this.lifeMs;
    if (!isFilled) this.loads++;
    this.until[item] = (isFilled ? filledAt : now) + this.lifeMs;
    return isFilled;
  }

  /** What is there does not hold any more. */
  changed(item: number, now: number): void {
    this.until[item] = -Infinity;
    this.end(item, now, 1);
  }

  /** As after a long time of reads: there, and for as long as it happens to be. */
  fill(item: number, until: number): void {
    this.until[item] = until;
  }

  private end(item: number, at: number, isWritten: 0 | 1): void {
    this.goneAt[item] = at;
    this.isWritten[item] = isWritten;
  }
}
