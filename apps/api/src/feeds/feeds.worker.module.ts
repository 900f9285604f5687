import { OutboundModule } from '@app/outbound';
import { type DynamicModule, Module } from '@nestjs/common';
import { ItemsModule } from '../items/items.module';
import { FeedsModule } from './feeds.module';
import { FEEDS_CONCURRENCY, FeedsWorker } from './feeds.worker.service';

export interface FeedsWorkerSettings {
  /** Feeds that are read at the same time. */
  readonly concurrency: number;
  /** Networks, addresses and host names that may be called although they are not public. */
  readonly allow: readonly string[];
}

/** What a worker has beyond the application: it calls suppliers. */
@Module({})
export class FeedsWorkerModule {
  static with({ concurrency, allow }: FeedsWorkerSettings): DynamicModule {
    return {
      module: FeedsWorkerModule,
      imports: [FeedsModule, ItemsModule, OutboundModule.with({ concurrency, allow })],
      providers: [{ provide: FEEDS_CONCURRENCY, useValue: concurrency }, FeedsWorker],
    };
  }
}
