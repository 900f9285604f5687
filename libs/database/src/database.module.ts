// Gives the whole application one `Database`, open from boot to shutdown.
import { Telemetry } from '@app/telemetry';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ChangeFeed } from './change-feed';
import { forgetOldChanges } from './change-log.retention';
import { Connection } from './connection';
import { createDataSource, type DataSource } from './data-source';
import { Database } from './database';
import type { UnfitDatabase } from './failures';
import { PostgresSource } from './feed-source';
import { forgetOldClaims } from './idempotency';
import { loadMigrations, migrate, migrateOver } from './migrations';
import { regularly } from './regularly';
import { Shares } from './shares';

export interface DatabaseSettings {
  readonly url: string;
  /** Past a pooler that `url` may lead to: for what needs a session. */
  readonly directUrl?: string;
  readonly poolSize: number;
  /** Connections for gathered reads, beside the pool. */
  readonly lanes: number;
  /** Whether statements may have names. */
  readonly isPrepared: boolean;
  /** Most connections of all instances together, which share them; null: each has its own, whatever others have. */
  readonly total: number | null;
  /** Folder of the application's migrations. */
  readonly migrations: string;
  /** Run what is pending before serving; otherwise an unmigrated schema is refused. */
  readonly migrate: boolean;
  /** Milliseconds: how long this process may show what somebody has changed. Null: it shows nothing, and follows no changes. */
  readonly stalenessMs: number | null;
  /** Changed rows that this process remembers, so that it can tell whether what others have cached still holds. */
  readonly rememberedChanges: number;
  /** Called when a database that came late turns out to be unfit; the process should end with its message. */
  readonly onUnfit: (error: UnfitDatabase) => void;
}

const SHARES = Symbol('shares of the connections');
/** Milliseconds. */
const CLEANING = { claims: 15 * 60_000, changes: 60_000 } as const;

@Module({})
export class DatabaseModule implements OnModuleInit, OnApplicationShutdown {
  private cleaning: (() => void)[] = [];

  constructor(
    private readonly connection: Connection,
    private readonly database: Database,
    @Inject(ChangeFeed) private readonly feed: ChangeFeed | undefined,
    @Inject(SHARES) private readonly shares: Shares | undefined,
  ) {}

  static with(settings: DatabaseSettings): DynamicModule {
    const {
      url,
      directUrl = url,
      poolSize,
      lanes,
      isPrepared,
      total,
      stalenessMs,
      rememberedChanges: maxTags,
    } = settings;
    const migrations = loadMigrations(settings.migrations);
    // The rest comes with its share.
    const least = total === null ? poolSize : 1;
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        {
          provide: ChangeFeed,
          inject: [Telemetry],
          useFactory: (telemetry: Telemetry) =>
            stalenessMs === null
              ? undefined
              : new ChangeFeed({ source: new PostgresSource(directUrl, maxTags), telemetry, stalenessMs, maxTags }),
        },
        {
          provide: Database,
          inject: [Telemetry, ChangeFeed],
          useFactory: (telemetry: Telemetry, feed: ChangeFeed | undefined) =>
            new Database(createDataSource({ url, poolSize: least, telemetry, migrations }), feed, lanes, isPrepared),
        },
        {
          provide: SHARES,
          inject: [Database],
          useFactory: (database: Database) =>
            total === null ? undefined : new Shares(database, { total, pool: poolSize, lanes }),
        },
        {
          provide: Connection,
          inject: [Database, Telemetry, SHARES],
          useFactory: ({ dataSource }: Database, telemetry: Telemetry, shares: Shares | undefined) =>
            new Connection(dataSource, {
              telemetry,
              onUnfit: settings.onUnfit,
              admit: () => shares?.begin() ?? Promise.resolve(),
              ...(settings.migrate && {
                migrate: (pooled: DataSource) =>
                  directUrl === url
                    ? migrate(pooled)
                    : migrateOver(createDataSource({ url: directUrl, poolSize: 1, telemetry, migrations })),
              }),
            }),
        },
      ],
      exports: [Database, ChangeFeed, Connection],
    };
  }

  async onModuleInit(): Promise<void> {
    await this.connection.open();
    this.cleaning = [
      regularly(CLEANING.claims, () => forgetOldClaims(this.database)),
      regularly(CLEANING.changes, () => forgetOldChanges(this.database)),
    ];
  }

  async onApplicationShutdown(): Promise<void> {
    this.cleaning.forEach((stop) => stop());
    this.database.lanes.close();
    await this.shares?.end();
    await Promise.all([this.feed?.close(), this.connection.close()]);
  }
}
