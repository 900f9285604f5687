import { OutboundModule } from '@app/outbound';
import { type DynamicModule, Module } from '@nestjs/common';
import { ItemsIntakeModule } from '../items/items.intake.module';
import { FeedRunsModule } from './feeds.runs.module';
import { FEEDS_CONCURRENCY, FeedsWorker } from './feeds.worker.service';

export interface FeedsWorkerSettings {
  /** Feeds that are read at the same time. */
  readonly concurrency: number;
  /** Networks, addresses and host names that may be called although they are not public. */
  readonly allow: readonly string[];
}

/** What a worker does: it calls suppliers. */
@Module({})
export class FeedsWorkerModule {
  static with({ concurrency, allow }: FeedsWorkerSettings): DynamicModule {
    return {
      module: FeedsWorkerModule,
      imports: [FeedRunsModule, ItemsIntakeModule, OutboundModule.with({ concurrency, allow })],
      providers: [{ provide: FEEDS_CONCURRENCY, useValue: concurrency }, FeedsWorker],
    };
  }
}
