import { Module } from '@nestjs/common';
import { FeedJobsRepository } from './feeds.jobs.repository';
import { FeedRunsRepository } from './feeds.runs.repository';

/** The queue, for those who ask for refreshes and those who carry them out. */
@Module({
  providers: [FeedJobsRepository, FeedRunsRepository],
  exports: [FeedJobsRepository, FeedRunsRepository],
})
export class FeedRunsModule {}
