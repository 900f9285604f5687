import { CachingModule } from '@app/caching';
import { HttpModule } from '@app/http';
import { LimitsModule } from '@app/limits';
import { MailModule } from '@app/mail';
import { type DynamicModule, Module } from '@nestjs/common';
import { ApiKeysModule } from './api-keys/api-keys.module';
import { AuthModule } from './auth/auth.module';
import { FeedsModule } from './feeds/feeds.module';
import { HealthModule } from './health/health.module';
import { ItemsModule } from './items/items.module';
import { databaseOf, type Settings, telemetryOf } from './platform';
import { RecoveryModule } from './recovery/recovery.module';
import { UsersModule } from './users/users.module';

export type { Settings } from './platform';

/** The table of contents: the platform first, then the features, one per line. */
@Module({})
export class AppModule {
  static with(settings: Settings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        telemetryOf(settings),
        databaseOf(settings, { stalenessMs: settings.cacheStalenessMs }),
        CachingModule.with({
          memoryMb: settings.cacheMemoryMb,
          redisUrl: settings.redisUrl,
          answers: settings.answers,
          onUnfit: settings.onUnfitDatabase,
        }),
        LimitsModule.with({
          writes: settings.rateLimitWrites,
          credentials: settings.rateLimitLogins,
          signUps: settings.rateLimitSignUps,
          bulk: settings.rateLimitBulk,
        }),
        HttpModule.with({ secret: settings.jwtSecret }),
        MailModule.with({ smtpUrl: settings.smtpUrl, from: settings.mailFrom, isKept: settings.embedded }),
        HealthModule,
        AuthModule.with({
          secret: settings.jwtSecret,
          origins: settings.corsOrigins,
          onUnfit: settings.onUnfitDatabase,
        }),
        ApiKeysModule,
        RecoveryModule.with(settings),
        UsersModule,
        ItemsModule,
        FeedsModule,
      ],
    };
  }
}
