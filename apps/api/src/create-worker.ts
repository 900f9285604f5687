import { createLogger, NestLogger } from '@app/telemetry';
import { type INestApplicationContext, type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule, type Settings } from './app.module';
import { FeedsWorkerModule } from './feeds/feeds.worker.module';

@Module({})
class WorkerModule {
  static with(settings: Settings): DynamicModule {
    const { feedsConcurrency: concurrency, feedsAllow: allow } = settings;
    return {
      module: WorkerModule,
      imports: [AppModule.with(settings), FeedsWorkerModule.with({ concurrency, allow })],
    };
  }
}

/** The same application without HTTP, and what reads feeds: at work as soon as it is there, for `worker.ts` and for every test. */
export function createWorker(settings: Settings): Promise<INestApplicationContext> {
  const { logger = createLogger(settings) } = settings;
  return NestFactory.createApplicationContext(WorkerModule.with({ ...settings, logger }), {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
}
