// Counts in the memory of one process, whatever number of callers there are.
import { type IRateLimiterOptions, RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';

/** Of one limit; about 30 MiB would be a hundred thousand. */
const MAX_CALLERS = 20_000;
/** Of the oldest callers, when one has to be forgotten. */
const LOOKED_AT = 200;
const CROWD = 'crowd';

interface Caller {
  readonly endsAt: number;
  taken: number;
}

/**
 * RateLimiterMemory keeps an entry and a timer for each caller until its window ends. Beyond so many, whoever has taken least is
 * forgotten, and never one who has nothing left: he would begin anew. If nobody else is there, those who are new count as one.
 */
export class BoundedMemory extends RateLimiterMemory {
  /** By key. All windows are equally long, so the first to come is the first to go. */
  private readonly callers = new Map<string, Caller>();

  constructor(
    options: IRateLimiterOptions,
    private readonly maxCallers = MAX_CALLERS,
  ) {
    super(options);
  }

  /** Only who takes something is remembered. */
  override async consume(key: string | number, points = 1): Promise<RateLimiterRes> {
    const known = await this.admitted(String(key));
    const caller = this.callers.get(known);
    if (caller) caller.taken += points;
    return super.consume(known, points);
  }

  override reward(key: string | number, points = 1): Promise<RateLimiterRes> {
    const known = this.nameOf(String(key));
    const caller = this.callers.get(known);
    if (caller) caller.taken -= points;
    return super.reward(known, points);
  }

  override get(key: string | number): Promise<RateLimiterRes | null> {
    return super.get(this.nameOf(String(key)));
  }

  override delete(key: string | number): Promise<boolean> {
    this.callers.delete(String(key));
    return super.delete(key);
  }

  private nameOf(key: string): string {
    return this.callers.has(key) || this.callers.size < this.maxCallers || this.leastTaken() !== undefined
      ? key
      : CROWD;
  }

  private async admitted(key: string): Promise<string> {
    this.forgetEnded();
    if (this.callers.has(key)) return key;
    if (this.callers.size >= this.maxCallers) {
      const least = this.leastTaken();
      if (least === undefined) return CROWD;
      await this.delete(least);
    }
    this.callers.set(key, { endsAt: performance.now() + this.duration * 1_000, taken: 0 });
    return key;
  }

  private forgetEnded(): void {
    const now = performance.now();
    for (const [key, { endsAt }] of this.callers) {
      if (endsAt > now) break;
      this.callers.delete(key);
    }
  }

  /** Among the oldest; undefined if they all have nothing left. */
  private leastTaken(): string | undefined {
    let least: string | undefined;
    let taken = this.points;
    let count = 0;
    for (const [key, caller] of this.callers) {
      if (caller.taken < taken) [least, taken] = [key, caller.taken];
      if (++count >= LOOKED_AT || taken <= 1) break;
    }
    return least;
  }
}
