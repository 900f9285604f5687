// Describes the one pooled data source: limits and timeouts, names, entities (whatever the modules imported), migrations.
import type { Telemetry } from '@app/telemetry';
import { types } from 'pg';
import { DataSource, getMetadataArgsStorage, type Logger } from 'typeorm';
import { measuredClient } from './measured-client';
import { HouseNaming } from './naming';
import type { MigrationClass } from './migrations';

export type { DataSource };

/** Milliseconds; the values of the reliability design. */
export const LIMITS = { acquireMs: 1_000, statementMs: 2_000, lockMs: 500, idleInTransactionMs: 5_000 } as const;

export interface DataSourceSettings {
  readonly url: string;
  readonly poolSize: number;
  readonly migrations: MigrationClass[];
  readonly telemetry: Telemetry;
}

const INT8 = 20;
const TIMESTAMPTZ = 1184;

const parseMoment = types.getTypeParser(TIMESTAMPTZ) as (text: string) => Date;

/** What a server that keeps UTC says of our milliseconds is nearly ISO 8601, which V8 reads itself. */
const momentOf = (text: string): Date =>
  text.length === 26 && text.endsWith('+00')
    ? new Date(`${text.slice(0, 10)}T${text.slice(11, 23)}Z`)
    : parseMoment(text);

/** Counts and prices are bigint; all fit a JavaScript number (2^53), so they arrive as one. */
function getTypeParser(oid: number, format?: 'text'): unknown {
  if (oid === INT8) return Number;
  return oid === TIMESTAMPTZ ? momentOf : types.getTypeParser(oid, format);
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
