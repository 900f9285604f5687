import { Module } from '@nestjs/common';
import { FeedsController } from './feeds.controller';
import { FeedJobsController } from './feeds.jobs.controller';
import { JobEvents } from './feeds.jobs.events';
import { FeedJobs } from './feeds.jobs.service';
import { FeedsRepository } from './feeds.repository';
import { FeedRunsModule } from './feeds.runs.module';
import { FeedsService } from './feeds.service';

@Module({
  imports: [FeedRunsModule],
  // A fixed path goes before one with a parameter.
  controllers: [FeedJobsController, FeedsController],
  providers: [FeedJobs, FeedsRepository, FeedsService, JobEvents],
  exports: [FeedJobs, FeedsService],
})
export class FeedsModule {}
