// A metric whose values are read at each scrape.

/** One value of a metric. */
export interface Reading {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Readable {
  /** A counter only grows. */
  readonly kind: 'gauge' | 'counter';
  readonly name: string;
  readonly help: string;
  readonly read: () => readonly Reading[];
  /** What the workers of one supervisor say together. */
  readonly overWorkers: 'sum' | 'min' | 'max';
}

/** As prom-client's registry takes it. */
export function metricOf({ kind, name, help, read, overWorkers }: Readable): never {
  const values = (): object[] => read().map(({ labels = {}, value }) => ({ labels, value }));
  const get = (): Promise<object> =>
    Promise.resolve({ name, help, type: kind, aggregator: overWorkers, values: values() });
  return { name, get } as never;
}
