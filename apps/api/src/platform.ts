import { join } from 'node:path';
import { DatabaseModule } from '@app/database';
import { TelemetryModule } from '@app/telemetry';
import type { DynamicModule } from '@nestjs/common';
import type { Settings } from './app.module';

/** Remembered for each mebibyte of cache, beside which they take three tenths of one. */
const CHANGES_PER_MEBIBYTE = 1_000;

/** What the service and its workers stand on. */
export const telemetryOf = ({ logLevel, logger }: Settings): DynamicModule =>
  TelemetryModule.with({ logLevel, logger });

/** @param stalenessMs how old what the process shows may be; null for one that shows nothing */
export const databaseOf = (settings: Settings, { stalenessMs }: { readonly stalenessMs: number | null }): DynamicModule =>
  DatabaseModule.with({
    url: settings.databaseUrl,
    directUrl: settings.databaseDirectUrl,
    poolSize: settings.databasePool,
    lanes: settings.databaseLanes,
    isPrepared: settings.databasePrepared,
    total: settings.databasePoolTotal,
    migrate: settings.migrate,
    migrations: join(__dirname, '../migrations'),
    stalenessMs,
    rememberedChanges: settings.cacheMemoryMb * CHANGES_PER_MEBIBYTE,
    onUnfit: settings.onUnfitDatabase,
  });
