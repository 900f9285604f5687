// How stale reads were: a histogram in steps of 0.1 ms.

const STEP_MS = 0.1;
const STEPS = 50_000;

export class StalenessHistogram {
  count = 0;
  max = 0;
  private fresh = 0;
  private readonly buckets = new Uint32Array(STEPS + 1);

  add(ms: number): void {
    this.count++;
    if (ms === 0) return void this.fresh++;
    this.max = Math.max(this.max, ms);
    const step = Math.min(STEPS, Math.ceil(ms / STEP_MS));
    this.buckets[step] = (this.buckets[step] ?? 0) + 1;
  }

  /** The least that so large a share of the reads does not exceed, in milliseconds. */
  percentile(share: number): number {
    let rest = Math.ceil(this.count * share) - this.fresh;
    for (let step = 0; step <= STEPS && rest > 0; step++) {
      rest -= this.buckets[step] ?? 0;
      if (rest <= 0) return Math.min(this.max, step * STEP_MS);
    }
    return 0;
  }
}
