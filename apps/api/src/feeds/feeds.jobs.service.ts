import { defineProblem, eventStream, type Refusal, refuseBody } from '@app/http';
import { Metrics } from '@app/telemetry';
import { Injectable, type StreamableFile } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type FeedRefresh, type JobState, type JobView, toJobState, toOutcome } from './feeds.jobs.dto';
import { FeedJobsRepository } from './feeds.jobs.repository';
import { type JobEvent, JobEvents } from './feeds.jobs.events';
import { FeedRunsRepository } from './feeds.runs.repository';

export type { FeedOutcome, JobState } from './feeds.jobs.dto';
export type { JobEvent } from './feeds.jobs.events';

export const jobNotFound: Refusal = defineProblem({
  status: 404,
  code: 'job_not_found',
  title: 'There is no such job',
});

@Injectable()
export class FeedJobs {
  constructor(
    private readonly rows: FeedJobsRepository,
    private readonly events: JobEvents,
    runs: FeedRunsRepository,
    metrics: Metrics,
  ) {
    metrics.watchBacklog('feed_runs', 'Refreshes of feeds', () => runs.backlog());
  }

  /** Feeds that are being refreshed already are joined: the job gets the outcome of what is under way. */
  async refresh(requestedBy: string, { feedIds }: FeedRefresh): Promise<JobState> {
    const found = await this.rows.feedIds(feedIds);
    const known = new Set(found);
    const errors = (feedIds ?? []).flatMap((id, index) =>
      known.has(id) ? [] : [{ code: 'feed_not_found', detail: 'is the id of no feed', pointer: `/feedIds/${index}` }],
    );
    if (errors.length > 0) refuseBody(errors);
    const id = uuidv7();
    await this.rows.create(id, requestedBy, found);
    return this.state(id);
  }

  async get(id: string): Promise<JobView> {
    const state = await this.state(id);
    return { ...state, feeds: (await this.rows.outcomes(id)).map(toOutcome) };
  }

  async cancel(id: string): Promise<void> {
    if (!(await this.rows.cancel(id))) jobNotFound(`No job has the id ${id}.`);
  }

  /** @param lastEventId of the last event that the client has seen */
  async watch(id: string, lastEventId: number): Promise<StreamableFile> {
    await this.state(id);
    return eventStream((signal) => this.events.of(id, lastEventId, signal));
  }

  /** For whoever is in the same process. */
  follow(id: string): AsyncGenerator<JobEvent> {
    return this.events.of(id, 0);
  }

  async state(id: string): Promise<JobState> {
    const [row] = await this.rows.list([id]);
    return toJobState(row ?? jobNotFound(`No job has the id ${id}.`));
  }
}
