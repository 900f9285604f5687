import { type DynamicModule, Module } from '@nestjs/common';
import { AppModule, type Settings } from './app.module';
import { FeedsWorkerModule } from './feeds/feeds.worker.module';

/** The same application, and what reads feeds. */
@Module({})
export class WorkerModule {
  static with(settings: Settings): DynamicModule {
    const { feedsConcurrency: concurrency, feedsAllow: allow } = settings;
    return {
      module: WorkerModule,
      imports: [AppModule.with(settings), FeedsWorkerModule.with({ concurrency, allow })],
    };
  }
}
