// A metric whose values are read at each scrape.
import { setTimeout as delay } from 'node:timers/promises';

/** A scrape does not wait longer for what has to be asked for elsewhere. */
const PATIENCE_MS = 2_000;

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
  /** A promise that comes to nothing within two seconds leaves the metric without values at this scrape. */
  readonly read: () => readonly Reading[] | Promise<readonly Reading[]>;
  /** What the workers of one supervisor say together. */
  readonly overWorkers: 'sum' | 'min' | 'max';
}

/** As prom-client's registry takes it. */
export function metricOf({ kind, name, help, read, overWorkers }: Readable): never {
  const get = async (): Promise<object> => {
    const readings = read();
    const known = readings instanceof Promise ? await inTime(readings) : readings;
    const values = known.map(({ labels = {}, value }) => ({ labels, value }));
    return { name, help, type: kind, aggregator: overWorkers, values };
  };
  return { name, get } as never;
}

async function inTime(readings: Promise<readonly Reading[]>): Promise<readonly Reading[]> {
  const answered = new AbortController();
  const late = delay(PATIENCE_MS, [], { signal: answered.signal, ref: false }).catch(() => []);
  try {
    return await Promise.race([readings, late]);
  } catch {
    return [];
  } finally {
    answered.abort();
  }
}
