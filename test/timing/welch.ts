// Welch's t-test: whether two samples of times may come from the same source.

/** Mean and spread of what was added, in one pass (Welford 1962). */
export class Sample {
  count = 0;
  mean = 0;
  private squares = 0;

  add(value: number): void {
    this.count++;
    const away = value - this.mean;
    this.mean += away / this.count;
    this.squares += away * (value - this.mean);
  }

  get variance(): number {
    return this.squares / (this.count - 1);
  }
}

export const sampleOf = (values: readonly number[]): Sample => {
  const sample = new Sample();
  for (const value of values) sample.add(value);
  return sample;
};

/** Beyond ±4.5 the difference is no accident: less than one in a hundred thousand times for samples from one source. */
export const T_LIMIT = 4.5;

export const welchT = (a: Sample, b: Sample): number =>
  (a.mean - b.mean) / Math.sqrt(a.variance / a.count + b.variance / b.count);

/** Shares of all times that are looked at: a stall of the machine hides in the whole what the fast ones give away. */
export const SHARES = [0.5, 0.9, 0.99, 1] as const;

/**
 * The largest |t|, over the whole and over all times below some percentiles of both samples together ("dude, is my code constant
 * time?", Reparaz et al. 2017).
 */
export function leakOf(a: readonly number[], b: readonly number[]): { readonly t: number; readonly share: number } {
  const all = [...a, ...b].sort((x, y) => x - y);
  const found = SHARES.map((share) => {
    const most = all[Math.ceil(all.length * share) - 1] as number;
    const fast = (values: readonly number[]): Sample => sampleOf(values.filter((value) => value <= most));
    return { share, t: welchT(fast(a), fast(b)) };
  });
  return found.reduce((worst, one) => (Math.abs(one.t) > Math.abs(worst.t) ? one : worst));
}
