// For how long requests have wanted a look at the changes in vain: what tells a feed that is stuck from one that nobody uses.

/** Milliseconds. Nobody has asked for so long: it may rest. */
const RESTS_AFTER = 10_000;

export class Overdue {
  private since?: number;
  private wantedAt = -Infinity;

  wanted(now: number): void {
    if (this.since === undefined || this.isResting(now)) this.since = now;
    this.wantedAt = now;
  }

  looked(): void {
    this.since = undefined;
  }

  /** Milliseconds. */
  at(now: number): number {
    return this.since === undefined || this.isResting(now) ? 0 : now - this.since;
  }

  private isResting(now: number): boolean {
    return now - this.wantedAt > RESTS_AFTER;
  }
}
