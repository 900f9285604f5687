import { Caller, LastEventId, Operation, PathId, type Principal } from '@app/http';
import { Body, Controller, Delete, Get, Post, type StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { FeedRefresh, JOB_ID, JobState, JobView } from './feeds.jobs.dto';
import { FeedJobs, jobNotFound } from './feeds.jobs.service';

@ApiTags('feeds')
@Controller('v1')
export class FeedJobsController {
  constructor(private readonly jobs: FeedJobs) {}

  @Post('feeds/refresh')
  @Operation({
    summary: 'Read feeds anew',
    description:
      'Answers at once; the job goes on, whatever becomes of the caller. A feed that is being read already is joined.',
    demands: 'admin',
    answers: JobState,
    status: 202,
    location: '/v1/jobs/{id}',
    isBodyOptional: true,
    isIdempotent: true,
  })
  refreshFeeds(@Caller() caller: Principal, @Body() refresh: FeedRefresh): Promise<JobState> {
    return this.jobs.refresh(caller.id, refresh);
  }

  @Get('jobs/:id')
  @Operation({
    summary: 'Read how far a job is, and the outcome of each feed',
    demands: 'admin',
    answers: JobView,
    refuses: [jobNotFound],
  })
  getJob(@PathId(JOB_ID) id: string): Promise<JobView> {
    return this.jobs.get(id);
  }

  @Get('jobs/:id/events')
  @Operation({
    summary: 'Follow a job until it is done',
    description:
      'Server-sent events: `feed` with the outcome of each feed that is over (FeedOutcome), `progress` and at the end `done` with the state ' +
      'of the job (JobState). A client that comes back with `Last-Event-ID` gets what it has missed, from any instance.',
    demands: 'admin',
    answers: 'stream',
    produces: ['text/event-stream'],
    isResumable: true,
    refuses: [jobNotFound],
  })
  watchJob(@PathId(JOB_ID) id: string, @LastEventId() lastEventId: number): Promise<StreamableFile> {
    return this.jobs.watch(id, lastEventId);
  }

  @Delete('jobs/:id')
  @Operation({
    summary: 'Cancel a job',
    description:
      'Also what is under way; what is in the catalogue stays. Feeds that another job waits for go on. A job that is done stays as it is.',
    demands: 'admin',
    refuses: [jobNotFound],
  })
  cancelJob(@PathId(JOB_ID) id: string): Promise<void> {
    return this.jobs.cancel(id);
  }
}
