// The reader that turns events into Prometheus metrics, one registry for each application.
import { Registry } from 'prom-client';
import { Durations } from './durations';
import { type EventName, type Events, LIMITS, type Telemetry } from './events';
import { metricOf, type Readable, type Reading } from './readings';
import { reportToSupervisor } from './worker-metrics';

type Labels = NonNullable<Reading['labels']>;

export interface PoolCounts {
  /** Open connections, idle ones included. */
  readonly total: number;
  readonly idle: number;
  /** Callers in the queue for a connection. */
  readonly waiting: number;
}

/** What waits to be done. */
export interface Backlog {
  readonly waiting: number;
  /** For how long the oldest has waited; 0 if nothing waits. */
  readonly oldestSeconds: number;
}

export class Metrics {
  private readonly registry = new Registry();
  readonly contentType = this.registry.contentType;

  constructor(private readonly telemetry: Telemetry) {
    const requests = this.durations(
      'http_request_duration_seconds',
      'Time from the arrival of a request to the end of its answer.',
      ['method', 'route', 'status'],
    );
    telemetry.on('http.answered', ({ method, route, status, durationMs }) =>
      requests.observe(durationMs, method, route, status),
    );

    const statements = this.durations(
      'database_statement_duration_seconds',
      'Time that a statement took, as the service saw it.',
      ['outcome'],
    );
    telemetry.on('database.statement', ({ durationMs, failed }) =>
      statements.observe(durationMs, failed ? 'failed' : 'succeeded'),
    );

    const polls = this.durations(
      'change_feed_poll_duration_seconds',
      'Time that a look at the changes took, by what it found: changes or nothing.',
      ['found'],
    );
    telemetry.on('changes.polled', ({ durationMs, changes }) =>
      polls.observe(durationMs, changes > 0 ? 'changes' : 'nothing'),
    );

    const commands = this.durations('redis_command_duration_seconds', 'Time that a command to Redis took.', [
      'command',
      'outcome',
    ]);
    telemetry.on('redis.command', ({ command, durationMs, failed }) =>
      commands.observe(durationMs, command, failed ? 'failed' : 'succeeded'),
    );

    this.count('http.failed', 'http_failures_total', 'Requests that met an error which nobody expected.');
    this.count('job.failed', 'job_failures_total', 'Errors behind the requests that nobody expected.');
    this.count('changes.lost', 'change_feed_failures_total', 'Looks at the changes that failed.');
    this.countBy('limit.exceeded', 'rate_limit_refusals_total', 'Requests that were refused as too many, by limit.', {
      labelOf: ({ limit }) => ({ limit }),
      known: LIMITS.map((limit) => ({ limit })),
    });
    this.countBy('mail.failed', 'mail_failures_total', 'Attempts to send a mail that failed: retried or given_up.', {
      labelOf: ({ isGivenUp }) => ({ outcome: isGivenUp ? 'given_up' : 'retried' }),
      known: [{ outcome: 'retried' }, { outcome: 'given_up' }],
    });
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

  /** Adds the gauges of a queue that all processes share, which is asked at each scrape. */
  watchBacklog(name: string, what: string, ask: () => Promise<Backlog>): void {
    // Both are read by the same scrape.
    let asked: Promise<Backlog> | undefined;
    const backlog = (): Promise<Backlog> => (asked ??= ask().finally(() => (asked = undefined)));
    const gauge = (suffix: string, help: string, valueOf: (backlog: Backlog) => number): void =>
      this.watch('gauge', `${name}_${suffix}`, help, async () => [{ value: valueOf(await backlog()) }], 'max');
    gauge('waiting', `${what} that wait.`, ({ waiting }) => waiting);
    gauge(
      'oldest_waiting_seconds',
      `For how long the oldest has waited of the ${what.toLowerCase()} that wait.`,
      (one) => one.oldestSeconds,
    );
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
    read: Readable['read'],
    overWorkers: 'sum' | 'min' | 'max' = 'sum',
  ): void {
    this.registry.registerMetric(metricOf({ kind, name, help, read, overWorkers }));
  }

  private durations(...[name, help, labels]: ConstructorParameters<typeof Durations>): Durations {
    const durations = new Durations(name, help, labels);
    this.registry.registerMetric(durations as never);
    return durations;
  }

  private count(event: EventName, name: string, help: string): void {
    this.countBy(event, name, help, { labelOf: () => ({}), known: [{}] });
  }

  /** @param known labels that are there from the beginning: nobody sees that a counter has begun to exist, only that it grows */
  private countBy<Name extends EventName>(
    event: Name,
    name: string,
    help: string,
    { labelOf, known = [] }: { labelOf: (payload: Events[Name]) => Labels; known?: Labels[] },
  ): void {
    const counts = new Map(known.map((labels) => [JSON.stringify(labels), { labels, value: 0 }]));
    this.telemetry.on(event, (payload) => {
      const labels = labelOf(payload);
      const key = JSON.stringify(labels);
      counts.set(key, { labels, value: (counts.get(key)?.value ?? 0) + 1 });
    });
    this.watch('counter', name, help, () => [...counts.values()]);
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
