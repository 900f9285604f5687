// Metrics of several workers as one: each is asked at a scrape, and what they say is added up, as prom-client does it for clusters.
import type { EventEmitter } from 'node:events';
import { AggregatorRegistry, Registry } from 'prom-client';
import { metricOf, type Readable } from './readings';
import { runtimeMetrics } from './runtime-metrics';

const QUESTION = 'floodgate:metrics?';
const ANSWER = 'floodgate:metrics';
/** Milliseconds. */
const PATIENCE = 5_000;

interface Metric {
  readonly type: unknown;
}

interface Answer {
  readonly type: typeof ANSWER;
  readonly id: number;
  readonly metrics: readonly Metric[];
  /** Why there are none. */
  readonly failure?: string;
}

/** A worker of node:cluster, as far as it is asked. */
export type Reporter = EventEmitter & { send(message: object): unknown };

/** In a worker: from now on it answers the supervisor's question. */
export function reportToSupervisor(registry: Registry): void {
  const registries = [registry, runtimeMetrics()];
  const answer = async (id: number): Promise<Answer> => {
    const metrics = await Promise.all(registries.map((one) => one.getMetricsAsJSON()));
    return { type: ANSWER, id, metrics: metrics.flat() };
  };
  process.on('message', ({ type, id }: { type?: string; id: number }) => {
    if (type !== QUESTION) return;
    void answer(id)
      .catch((error: unknown): Answer => ({ type: ANSWER, id, metrics: [], failure: String(error) }))
      .then((said) => process.send?.(said, undefined, undefined, () => undefined));
  });
}

/** In the supervisor: the sum over all workers; for lags the worst, for event loops the average. */
export class WorkerMetrics {
  private readonly own = new Registry();
  readonly contentType: string = this.own.contentType;
  /** What each has said last. */
  private readonly said = new Map<Reporter, readonly Metric[]>();
  /** What those have counted that are gone: a sum that falls with one of them would count from the beginning to whoever watches. */
  private departed: readonly Metric[] = [];
  private asked?: Promise<unknown>;
  private lastId = 0;

  constructor() {
    const startedAt = Math.round(Date.now() / 1_000 - process.uptime());
    this.watch({
      kind: 'gauge',
      name: 'process_start_time_seconds',
      help: 'Start time of the supervisor since unix epoch in seconds.',
      read: () => [{ value: startedAt }],
    });
  }

  /** Adds what only the supervisor knows. */
  watch(metric: Omit<Readable, 'overWorkers'>): void {
    this.own.registerMetric(metricOf({ ...metric, overWorkers: 'sum' }));
  }

  /** From now on it counts. */
  joined(worker: Reporter): void {
    this.said.set(worker, []);
  }

  /** It has ended: what it had counted by the last scrape remains. */
  left(worker: Reporter): void {
    const counted = (this.said.get(worker) ?? []).filter(({ type }) => type !== 'gauge');
    this.said.delete(worker);
    this.departed = AggregatorRegistry.aggregate([this.departed, counted]).getMetricsAsArray();
  }

  /** @throws Error when a worker does not answer within 5 s */
  async text(): Promise<string> {
    // An answer that is overtaken by another would let counters fall.
    this.asked ??= Promise.all([...this.said.keys()].map((worker) => this.ask(worker))).finally(
      () => (this.asked = undefined),
    );
    await this.asked;
    const workers = AggregatorRegistry.aggregate([...this.said.values(), this.departed]);
    return `${await workers.metrics()}\n${await this.own.metrics()}`;
  }

  private ask(worker: Reporter): Promise<void> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      const end = (failure?: string): void => {
        clearTimeout(timer);
        worker.off('message', hear).off('exit', end);
        if (typeof failure === 'string') reject(new Error(failure));
        else resolve();
      };
      const hear = ({ type, id: of, metrics, failure }: Answer): void => {
        if (type !== ANSWER || of !== id) return;
        if (failure === undefined) this.said.set(worker, metrics);
        end(failure);
      };
      const timer = setTimeout(() => end(`A worker does not answer within ${PATIENCE} ms.`), PATIENCE).unref();
      worker.on('message', hear).on('exit', end);
      worker.send({ type: QUESTION, id });
    });
  }
}
