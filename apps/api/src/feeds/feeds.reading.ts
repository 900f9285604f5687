import { failureOf } from '@app/database';
import type { Outbound, Outcome, Received, Validators } from '@app/outbound';
import { BrokenRows, rowBatches } from '@app/rows';
import { ITEM_COLUMNS, type ItemsIntake, type ItemsSource } from '../items/items.intake.service';
import { MAX_ROW_FAULTS } from './feeds.jobs.dto';
import { clearMissing } from './feeds.missing';
import { MAX_STARTS } from './feeds.rules';
import { keyOf, RunLost } from './feeds.run-keys';
import type { ClaimedRun, FeedRunsRepository, RunReport } from './feeds.runs.repository';

export interface ReadingTools {
  readonly outbound: Outbound;
  readonly intake: ItemsIntake;
  readonly rows: FeedRunsRepository;
  readonly onUnexpected: (error: unknown) => void;
}

type End = Pick<RunReport, 'state' | 'code' | 'detail' | 'validators'>;

const RUNNING: End = { state: 'running', code: null, detail: null };

/** One feed on its way into the catalogue. */
export class FeedReading {
  private readonly stopping = new AbortController();
  private readonly begunAt = performance.now();
  private source?: ItemsSource;
  private outcome?: Outcome<void>;
  private end = RUNNING;

  constructor(
    readonly run: ClaimedRun,
    private readonly tools: ReadingTools,
  ) {}

  /** Ends what is under way; what is in stays. */
  stop(): void {
    this.stopping.abort();
  }

  /** Ends it with nothing to say but that. */
  giveUp(): void {
    this.stop();
    this.source = undefined;
    this.end = GIVEN_UP;
  }

  /**
   * Resolves to true when there is an outcome, also a bad one; to false when it was stopped, when the run is over or another worker's,
   * or when the database is away, so that the run is to be carried out again.
   */
  async carryOut(): Promise<boolean> {
    if (this.run.starts > MAX_STARTS) {
      this.end = failed('worker_lost', `${MAX_STARTS} workers ended while they read it.`);
      return true;
    }
    try {
      const { url, foundAt, etag, lastModified } = this.run;
      const outcome = await this.tools.outbound.get(
        {
          url,
          signal: this.stopping.signal,
          isRereadable: true,
          ...(foundAt !== null && {
            validators: {
              url: foundAt,
              ...(etag !== null && { etag }),
              ...(lastModified !== null && { lastModified }),
            },
          }),
        },
        (received) => this.read(received),
      );
      this.outcome = outcome;
      if (this.stopping.signal.aborted) return false;
      this.end = await this.endOf(outcome);
    } catch (error) {
      if (failureOf(error) || error instanceof RunLost) return false;
      this.tools.onUnexpected(error);
      this.end = GIVEN_UP;
    }
    return !this.stopping.signal.aborted;
  }

  /** How far it is. */
  report(): RunReport {
    const { id, starts, attempts } = this.run;
    const { received = 0, rejected = 0, errors = [] } = this.source?.report ?? {};
    return {
      id,
      starts,
      ...this.end,
      httpStatus: this.outcome?.status ?? null,
      received,
      settled: this.source?.settledRows ?? 0,
      rejected,
      attempts: attempts + (this.outcome?.attempts ?? 0),
      bytes: this.outcome?.bytes ?? 0,
      durationMs: Math.round(performance.now() - this.begunAt),
      errors: errors.slice(0, MAX_ROW_FAULTS),
    };
  }

  /** Anew at each attempt: what an earlier one has brought is found unchanged. */
  private async read({ bytes, contentType }: Received): Promise<void> {
    const { ownerId, format } = this.run;
    const { intake } = this.tools;
    const source = intake.open(ownerId, keyOf(this.run));
    this.source = source;
    try {
      for await (const batch of rowBatches(
        { bytes: intake.inTurn(source, bytes), ...(contentType && { contentType }) },
        { format, columns: ITEM_COLUMNS },
      ))
        for (const row of batch) {
          if (this.stopping.signal.aborted) return;
          await source.add(row);
        }
    } finally {
      // What came before a fault is in, and counts.
      await source.end();
    }
  }

  private async endOf(outcome: Outcome<void>): Promise<End> {
    switch (outcome.state) {
      case 'not_modified':
        return { state: 'unchanged', code: null, detail: null };
      case 'failed':
        return failed(outcome.failure.code, outcome.failure.detail);
      case 'unread': {
        const { error } = outcome;
        if (error instanceof BrokenRows) return failed(error.code, placed(error));
        throw error;
      }
      case 'read':
        return this.succeeded(outcome.validators);
    }
  }

  private async succeeded(found: Validators): Promise<End> {
    const source = this.source as ItemsSource;
    const { url, format, clearsMissing } = this.run;
    const isSettled = !clearsMissing || (await clearMissing(this.run, source, this.tools, this.stopping.signal));
    const { url: foundAt, etag = null, lastModified = null } = found;
    // Rows that were rejected are to be tried again, as long as they are sent.
    const isWhole = isSettled && source.report.rejected === 0;
    return {
      state: 'succeeded',
      code: null,
      detail: null,
      ...(isWhole && { validators: { url, format, clearsMissing, foundAt, etag, lastModified } }),
    };
  }
}

const failed = (code: string, detail: string): End => ({ state: 'failed', code, detail });

const GIVEN_UP = failed('internal_error', 'The service failed; its log says why.');

const placed = ({ detail, row }: BrokenRows): string => (row === undefined ? detail : `Row ${row}: ${detail}`);
