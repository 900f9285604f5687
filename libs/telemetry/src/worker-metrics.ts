// Metrics of several workers as one: each is asked at a scrape, and what they say is added up, as prom-client does it for clusters.
import { AggregatorRegistry, Registry } from 'prom-client';
import { metricOf, type Readable } from './readings';
import { runtimeMetrics } from './runtime-metrics';

/** In a worker: from now on it answers the supervisor's question. */
export function reportToSupervisor(registry: Registry): void {
  AggregatorRegistry.setRegistries([registry, runtimeMetrics()]);
  // Whoever makes one listens.
  new AggregatorRegistry();
}

/** In the supervisor: the sum over all workers; for lags the worst, for event loops the average. */
export class WorkerMetrics {
  private readonly workers = new AggregatorRegistry();
  private readonly own = new Registry();
  readonly contentType: string = this.own.contentType;

  /** Adds what only the supervisor knows. */
  watch(metric: Omit<Readable, 'overWorkers'>): void {
    this.own.registerMetric(metricOf({ ...metric, overWorkers: 'sum' }));
  }

  /** @throws Error when a worker does not answer within 5 s */
  async text(): Promise<string> {
    return `${await this.workers.clusterMetrics()}\n${await this.own.metrics()}`;
  }
}
