import { createLogger, NestLogger } from '@app/telemetry';
import { type INestApplicationContext, type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FeedsWorkerModule } from './feeds/feeds.worker.module';
import { databaseOf, type Settings, telemetryOf } from './platform';

@Module({})
class WorkerModule {
  static with(settings: Settings): DynamicModule {
    const { feedsConcurrency: concurrency, feedsAllow: allow } = settings;
    return {
      module: WorkerModule,
      imports: [
        telemetryOf(settings),
        databaseOf(settings, { stalenessMs: null }),
        FeedsWorkerModule.with({ concurrency, allow }),
      ],
    };
  }
}

/**
 * Of the application what reads feeds, and no more: neither routes nor caches, which would be half of its memory. At work as soon
 * as it is there, for `worker.ts` and for every test.
 */
export function createWorker(settings: Settings): Promise<INestApplicationContext> {
  const { logger = createLogger(settings) } = settings;
  return NestFactory.createApplicationContext(WorkerModule.with({ ...settings, logger }), {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
}
