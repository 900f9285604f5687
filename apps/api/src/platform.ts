import { join } from 'node:path';
import type { Answers } from '@app/caching';
import type { Config } from '@app/config';
import { DatabaseModule, type UnfitDatabase } from '@app/database';
import { type Logger, TelemetryModule } from '@app/telemetry';
import type { DynamicModule } from '@nestjs/common';

/** What the application needs to know before its first module. */
export interface Settings extends Config {
  readonly databaseUrl: string;
  readonly jwtSecret: string;
  readonly logger?: Logger;
  /** The answer cache that the HTTP server has in front of its router. */
  readonly answers?: Answers;
  readonly onUnfitDatabase: (error: UnfitDatabase) => void;
}

/** Remembered for each mebibyte of cache, beside which they take three tenths of one. */
const CHANGES_PER_MEBIBYTE = 1_000;

/** What the service and its workers stand on. */
export const telemetryOf = ({ logLevel, logger }: Settings): DynamicModule =>
  TelemetryModule.with({ logLevel, logger });

/** @param stalenessMs how old what the process shows may be; null for one that shows nothing */
export const databaseOf = (
  settings: Settings,
  { stalenessMs }: { readonly stalenessMs: number | null },
): DynamicModule =>
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
