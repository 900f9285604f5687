// Describes the one pooled data source: limits and timeouts, names, entities (whatever the modules imported), migrations.
import type { Telemetry } from '@app/telemetry';
import { DataSource, getMetadataArgsStorage, type Logger } from 'typeorm';
import { measuredClient } from './measured-client';
import { HouseNaming } from './naming';
import type { MigrationClass } from './migrations';
import { getTypeParser } from './types';

export type { DataSource };

/** Milliseconds; the values of the reliability design. */
export const LIMITS = { acquireMs: 1_000, statementMs: 2_000, lockMs: 500, idleInTransactionMs: 5_000 } as const;

export interface DataSourceSettings {
  readonly url: string;
  readonly poolSize: number;
  readonly migrations: MigrationClass[];
  readonly telemetry: Telemetry;
}

/** A data source that is not connected yet. Its entities are those of every module that has been imported. */
export function createDataSource({ url, poolSize, migrations, telemetry }: DataSourceSettings): DataSource {
  const dataSource: DataSource = new DataSource({
    type: 'postgres',
    url,
    poolSize,
    connectTimeoutMS: LIMITS.acquireMs,
    applicationName: 'floodgate',
    entities: getMetadataArgsStorage().tables.flatMap(({ target }) => (typeof target === 'function' ? [target] : [])),
    migrations,
    migrationsTableName: 'migrations',
    namingStrategy: new HouseNaming(),
    installExtensions: false,
    logger: silent,
    // While the pool is being closed, a server that stops as well is no loss.
    poolErrorHandler: (error: Error) => {
      if (dataSource.isInitialized) telemetry.emit('database.lost', { reason: error.message });
    },
    extra: {
      Client: measuredClient(telemetry, LIMITS.statementMs),
      types: { getTypeParser },
      statement_timeout: LIMITS.statementMs,
      lock_timeout: LIMITS.lockMs,
      idle_in_transaction_session_timeout: LIMITS.idleInTransactionMs,
    },
  });
  return dataSource;
}

/** Statements are reported by the measured client, failures by whoever catches them. */
const silent: Logger = {
  logQuery: () => undefined,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
  logMigration: () => undefined,
  log: () => undefined,
};
