// The reader that turns events into Prometheus metrics, one registry for each application.
import { Registry } from 'prom-client';
import { Durations } from './durations';
import type { Telemetry } from './events';
import { metricOf, type Reading } from './readings';
import { reportToSupervisor } from './worker-metrics';

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
    const requests = new Durations(
      'http_request_duration_seconds',
      'Time from the arrival of a request to the end of its answer.',
      ['method', 'route', 'status'],
    );
    this.registry.registerMetric(requests as never);
    telemetry.on('http.answered', ({ method, route, status, durationMs }) =>
      requests.observe(durationMs, method, route, status),
    );

    const statements = new Durations(
      'database_statement_duration_seconds',
      'Time that a statement took, as the service saw it.',
      ['outcome'],
    );
    this.registry.registerMetric(statements as never);
    telemetry.on('database.statement', ({ durationMs, failed }) =>
      statements.observe(durationMs, failed ? 'failed' : 'succeeded'),
    );

    const refused = new Map<string, number>();
    telemetry.on('limit.exceeded', ({ limit }) => refused.set(limit, (refused.get(limit) ?? 0) + 1));
    this.watch('counter', 'rate_limit_refusals_total', 'Requests that were refused as too many, by limit.', () =>
      [...refused].map(([limit, value]) => ({ labels: { limit }, value })),
    );
  }

  /**
   * Adds the gauges of the one pool; `read` is called at each scrape.
   * @throws Error when a pool is watched already.
   */
  watchPool(read: () => PoolCounts): void {
    const help = 'Open connections of the pool, by state: busy or idle.';
    this.watch('gauge', 'database_pool_connections', help, () => busyAndIdle(read()));
    this.watch('gauge', 'database_pool_waiting', 'Callers that wait for a connection to the database.', () => [
      { value: read().waiting },
    ]);
  }

  /** Adds the gauge of the connections for reads by key; `read` is called at each scrape. */
  watchLanes(read: () => Pick<PoolCounts, 'total' | 'idle'>): void {
    this.watch('gauge', 'database_lanes', 'Connections for reads by key, by state: busy or idle.', () =>
      busyAndIdle(read()),
    );
  }

  /**
   * Adds a metric whose values are read at each scrape: a gauge, or a counter of what only grows.
   * @param overWorkers what the workers of one supervisor say together
   * @throws Error when there is one of this name.
   */
  watch(
    kind: 'gauge' | 'counter',
    name: string,
    help: string,
    read: () => readonly Reading[],
    overWorkers: 'sum' | 'min' | 'max' = 'sum',
  ): void {
    this.registry.registerMetric(metricOf({ kind, name, help, read, overWorkers }));
  }

  /** In a worker: from now on its supervisor may ask for them. */
  reportToSupervisor(): void {
    reportToSupervisor(this.registry);
  }

  /** The application's metrics in the text format of Prometheus, to be served as `contentType`. */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}

const busyAndIdle = ({ total, idle }: Pick<PoolCounts, 'total' | 'idle'>): Reading[] => [
  { labels: { state: 'busy' }, value: total - idle },
  { labels: { state: 'idle' }, value: idle },
];
