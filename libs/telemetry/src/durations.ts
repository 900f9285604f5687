// A histogram of durations that costs some nanoseconds to count in: prom-client's own takes 700 for three labels.
import type { MetricObject, MetricValue } from 'prom-client';

/** Upper bounds, in seconds. */
export const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Cell {
  /** One for each bucket, and one for what is longer than all. */
  readonly counts: Float64Array;
  sumMs: number;
}

type Branch = Map<string | number, Branch | Cell>;

/** Labels are given in the order of their names; a registry of prom-client can hold it. */
export class Durations {
  private readonly root: Branch = new Map();

  constructor(
    readonly name: string,
    private readonly help: string,
    private readonly labelNames: readonly string[],
  ) {}

  observe(durationMs: number, ...labels: (string | number)[]): void {
    let branch = this.root;
    const last = labels.length - 1;
    for (let at = 0; at < last; at++) {
      let next = branch.get(labels[at] as string) as Branch | undefined;
      if (next === undefined) branch.set(labels[at] as string, (next = new Map()));
      branch = next;
    }
    let cell = branch.get(labels[last] as string) as Cell | undefined;
    if (cell === undefined) {
      cell = { counts: new Float64Array(DURATION_BUCKETS.length + 1), sumMs: 0 };
      branch.set(labels[last] as string, cell);
    }
    let bucket = 0;
    while (bucket < DURATION_BUCKETS.length && durationMs > (DURATION_BUCKETS[bucket] as number) * 1_000) bucket++;
    (cell.counts[bucket] as number)++;
    cell.sumMs += durationMs;
  }

  /** As prom-client asks for it at a scrape. */
  get(): Promise<MetricObject & { values: MetricValue<string>[] }> {
    const values = this.cellsOf(this.root, []).flatMap(([labels, cell]) => this.valuesOf(labels, cell));
    return Promise.resolve({ name: this.name, help: this.help, type: 'histogram', aggregator: 'sum', values } as never);
  }

  reset(): void {
    this.root.clear();
  }

  private cellsOf(branch: Branch, path: readonly (string | number)[]): [Record<string, string | number>, Cell][] {
    return [...branch].flatMap(([label, inner]): [Record<string, string | number>, Cell][] => {
      const labels = [...path, label];
      if (inner instanceof Map) return this.cellsOf(inner, labels);
      return [[Object.fromEntries(this.labelNames.map((name, at) => [name, labels[at] as string])), inner]];
    });
  }

  private valuesOf(labels: Record<string, string | number>, { counts, sumMs }: Cell): object[] {
    let total = 0;
    const buckets = [...DURATION_BUCKETS, '+Inf'].map((le, at) => {
      total += counts[at] as number;
      return { metricName: `${this.name}_bucket`, labels: { le, ...labels }, value: total };
    });
    return [
      ...buckets,
      { metricName: `${this.name}_sum`, labels, value: sumMs / 1_000 },
      { metricName: `${this.name}_count`, labels, value: total },
    ];
  }
}
