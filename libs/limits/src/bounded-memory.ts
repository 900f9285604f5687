// Counts in the memory of one process, whatever number of callers there are.
import { type IRateLimiterOptions, RateLimiterMemory } from 'rate-limiter-flexible';

/** Of one limit; about 30 MiB would be a hundred thousand. */
const MAX_CALLERS = 20_000;
const CROWD = 'crowd';

/**
 * RateLimiterMemory keeps an entry and a timer for each caller until its window ends. Beyond so many, those who are new count as
 * one: forgetting an old one instead would let it begin anew.
 */
export class BoundedMemory extends RateLimiterMemory {
  /** When the window of each ends. All are equally long, so the first to come is the first to go. */
  private readonly ends = new Map<string, number>();

  constructor(
    options: IRateLimiterOptions,
    private readonly maxCallers = MAX_CALLERS,
  ) {
    super(options);
  }

  override getKey(key: string | number): string {
    return super.getKey(this.isKnown(String(key)) ? key : CROWD);
  }

  private isKnown(key: string): boolean {
    const now = performance.now();
    for (const [ended, endsAt] of this.ends) {
      if (endsAt > now) break;
      this.ends.delete(ended);
    }
    if (this.ends.has(key)) return true;
    if (this.ends.size >= this.maxCallers) return false;
    this.ends.set(key, now + this.duration * 1_000);
    return true;
  }
}
