import { outside } from '@app/database';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { type FeedOutcome, type JobState, toJobState, toOutcome } from './feeds.jobs.dto';
import { FeedJobsRepository, type JobRow } from './feeds.jobs.repository';

const POLL_MS = 250;
const HEARTBEAT_MS = 15_000;

export type JobEvent =
  | { readonly event: 'feed'; readonly id: string; readonly data: FeedOutcome }
  | { readonly event: 'progress'; readonly data: JobState }
  | { readonly event: 'done'; readonly id: string; readonly data: JobState }
  | { readonly comment: string };

interface Watched {
  watchers: number;
  /** Null when it is gone: jobs are kept for a month. */
  row?: JobRow | null;
}

/** Jobs as events. However many watch, an instance asks once in a quarter of a second how far all of their jobs are. */
@Injectable()
export class JobEvents implements OnModuleDestroy {
  private readonly watched = new Map<string, Watched>();
  private looking?: Promise<void>;
  private isStopped = false;

  constructor(private readonly rows: FeedJobsRepository) {}

  /** Clients come back, to an instance that goes on. */
  onModuleDestroy(): void {
    this.isStopped = true;
  }

  /** A `feed` with each outcome behind the last event that was seen, `progress` meanwhile, `done` at the end. */
  async *of(id: string, lastEventId: number, signal?: AbortSignal): AsyncGenerator<JobEvent, void> {
    const job = this.watched.get(id) ?? { watchers: 0 };
    this.watched.set(id, job);
    job.watchers++;
    try {
      let seen = lastEventId;
      let shown = '';
      let saidAt = performance.now();
      while (!this.isStopped && !signal?.aborted) {
        await this.look();
        const { row } = job;
        if (row === null) return;
        // The database is away.
        if (!row) continue;
        if (row.position > seen) {
          for (const outcome of await this.rows.outcomes(id, seen)) {
            seen = outcome.position ?? seen;
            yield { event: 'feed', id: String(seen), data: toOutcome(outcome) };
          }
          // All up to there were committed before they were asked for: those that did not come went with their feeds.
          seen = Math.max(seen, row.position);
        }
        const state = toJobState(row);
        const isDone = state.finishedAt !== null && row.position <= seen;
        const text = JSON.stringify(state);
        if (isDone) yield { event: 'done', id: String(seen), data: state };
        if (isDone) return;
        if (text !== shown) yield { event: 'progress', data: state };
        else if (performance.now() - saidAt >= HEARTBEAT_MS) yield { comment: 'still there' };
        else continue;
        shown = text;
        saidAt = performance.now();
      }
    } finally {
      if (--job.watchers === 0) this.watched.delete(id);
    }
  }

  /** Resolves after the next look, which all that watch share, so that it does not end with the one of them that began it. */
  private look(): Promise<void> {
    this.looking ??= outside(() => new Promise((resolve) => setTimeout(resolve, POLL_MS)).then(() => this.see()));
    return this.looking;
  }

  private async see(): Promise<void> {
    this.looking = undefined;
    const asked = [...this.watched];
    const rows = await this.rows.list(asked.map(([id]) => id)).catch(() => undefined);
    if (!rows) return;
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const [id, job] of asked) job.row = byId.get(id) ?? null;
  }
}
