import { Module } from '@nestjs/common';
import { ItemsModule } from '../items/items.module';
import { FeedsController } from './feeds.controller';
import { FeedJobsController } from './feeds.jobs.controller';
import { JobEvents } from './feeds.jobs.events';
import { FeedJobsRepository } from './feeds.jobs.repository';
import { FeedJobs } from './feeds.jobs.service';
import { FeedsRepository } from './feeds.repository';
import { FeedRunsRepository } from './feeds.runs.repository';
import { FeedsService } from './feeds.service';

@Module({
  imports: [ItemsModule],
  // A fixed path goes before one with a parameter.
  controllers: [FeedJobsController, FeedsController],
  providers: [FeedJobs, FeedJobsRepository, FeedRunsRepository, FeedsRepository, FeedsService, JobEvents],
  exports: [FeedJobs, FeedJobsRepository, FeedRunsRepository, FeedsService],
})
export class FeedsModule {}
