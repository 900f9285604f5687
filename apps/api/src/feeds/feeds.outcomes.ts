import type { Metrics } from '@app/telemetry';
import type { RunReport } from './feeds.runs.repository';

/** What operators see of what one worker reads. */
export class FeedOutcomes {
  private readonly states = new Map<RunReport['state'], number>([
    ['succeeded', 0],
    ['unchanged', 0],
    ['failed', 0],
  ]);
  private readonly failures = new Map<string, number>();

  constructor(metrics: Metrics, reading: () => number) {
    metrics.watch('gauge', 'feed_runs_reading', 'Feeds that the worker reads.', () => [{ value: reading() }]);
    metrics.watch('counter', 'feed_runs_total', 'Feeds that were read: succeeded, unchanged or failed.', () =>
      [...this.states].map(([outcome, value]) => ({ labels: { outcome }, value })),
    );
    metrics.watch('counter', 'feed_failures_total', 'Feeds that could not be read, by the code of the outcome.', () =>
      [...this.failures].map(([code, value]) => ({ labels: { code }, value })),
    );
  }

  count({ state, code }: Pick<RunReport, 'state' | 'code'>): void {
    this.states.set(state, (this.states.get(state) ?? 0) + 1);
    if (code !== null) this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
  }
}
