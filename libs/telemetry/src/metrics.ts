// The reader that turns events into Prometheus metrics, one registry for each application.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Telemetry } from './events';

const bucketsInSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface PoolCounts {
  /** Open connections, idle ones included. */
  readonly total: number;
  readonly idle: number;
  /** Callers in the queue for a connection. */
  readonly waiting: number;
}

export class Metrics {
  private readonly registry = new Registry();
  readonly contentType = this.registry.contentType;

  constructor(telemetry: Telemetry) {
    const requests = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the arrival of a request to the end of its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: bucketsInSeconds,
      registers: [this.registry],
    });
    telemetry.on('http.answered', ({ method, route, status, durationMs }) =>
      requests.observe({ method, route, status }, durationMs / 1000),
    );

    const statements = new Histogram({
      name: 'database_statement_duration_seconds',
      help: 'Time that a statement took, as the service saw it.',
      labelNames: ['outcome'],
      buckets: bucketsInSeconds,
      registers: [this.registry],
    });
    telemetry.on('database.statement', ({ durationMs, failed }) =>
      statements.observe({ outcome: failed ? 'failed' : 'succeeded' }, durationMs / 1000),
    );
  }

  /**
   * Adds the gauges of the one pool; `read` is called at each scrape.
   * @throws Error when a pool is watched already.
   */
  watchPool(read: () => PoolCounts): void {
    const registers = [this.registry];
    new Gauge({
      name: 'database_pool_connections',
      help: 'Open connections to the database, by state: busy or idle.',
      labelNames: ['state'],
      registers,
      collect() {
        const { total, idle } = read();
        this.set({ state: 'busy' }, total - idle);
        this.set({ state: 'idle' }, idle);
      },
    });
    new Gauge({
      name: 'database_pool_waiting',
      help: 'Callers that wait for a connection to the database.',
      registers,
      collect() {
        this.set(read().waiting);
      },
    });
  }

  /** Adds a metric whose values are read at each scrape: a gauge, or a counter of what only grows. */
  watch(
    kind: 'gauge' | 'counter',
    { name, help, labelNames = [] }: { name: string; help: string; labelNames?: readonly string[] },
    read: () => readonly { labels?: Record<string, string>; value: number }[],
  ): void {
    const registers = [this.registry];
    const collect = (add: (labels: Record<string, string>, value: number) => void): void => {
      for (const { labels = {}, value } of read()) add(labels, value);
    };
    if (kind === 'gauge')
      new Gauge({
        name,
        help,
        labelNames,
        registers,
        collect() {
          collect((...one) => this.set(...one));
        },
      });
    else
      new Counter({
        name,
        help,
        labelNames,
        registers,
        collect() {
          this.reset();
          collect((...one) => this.inc(...one));
        },
      });
  }

  /** The application's metrics in the text format of Prometheus, to be served as `contentType`. */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}
