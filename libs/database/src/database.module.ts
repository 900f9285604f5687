// Gives the whole application one `Database`, open from boot to shutdown.
import { Telemetry } from '@app/telemetry';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Connection } from './connection';
import { createDataSource } from './data-source';
import { Database } from './database';
import type { UnfitDatabase } from './failures';
import { forgetOldClaims } from './idempotency';
import { loadMigrations } from './migrations';

export interface DatabaseSettings {
  readonly url: string;
  readonly poolSize: number;
  /** Folder of the application's migrations. */
  readonly migrations: string;
  /** Run what is pending before serving; otherwise an unmigrated schema is refused. */
  readonly migrate: boolean;
  /** Called when a database that came late turns out to be unfit; the process should end with its message. */
  readonly onUnfit: (error: UnfitDatabase) => void;
}

const CONNECTION = Symbol('database connection');
const CLEANING_MS = 15 * 60_000;

@Module({})
export class DatabaseModule implements OnModuleInit, OnApplicationShutdown {
  private cleaning?: NodeJS.Timeout;

  constructor(
    @Inject(CONNECTION) private readonly connection: Connection,
    private readonly database: Database,
  ) {}

  static with(settings: DatabaseSettings): DynamicModule {
    const { url, poolSize, migrations, ...connection } = settings;
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        {
          provide: Database,
          inject: [Telemetry],
          useFactory: (telemetry: Telemetry) =>
            new Database(createDataSource({ url, poolSize, telemetry, migrations: loadMigrations(migrations) })),
        },
        {
          provide: CONNECTION,
          inject: [Database, Telemetry],
          useFactory: ({ dataSource }: Database, telemetry: Telemetry) =>
            new Connection(dataSource, { ...connection, telemetry }),
        },
      ],
      exports: [Database],
    };
  }

  async onModuleInit(): Promise<void> {
    await this.connection.open();
    this.cleaning = setInterval(() => void forgetOldClaims(this.database).catch(() => undefined), CLEANING_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.cleaning);
    await this.connection.close();
  }
}
