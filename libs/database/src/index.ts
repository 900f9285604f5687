export { Database, type Isolation } from './database';
export { DatabaseModule } from './database.module';
export { createDataSource, type DataSource } from './data-source';
export { failureOf, type DatabaseFailure, DatabaseUnavailable, UnfitDatabase } from './failures';
export { claimOnce, forgetOldClaims, storeOutcome, type Claim, type ClaimKey } from './idempotency';
export { keysetRows, type KeysetOrder, type KeysetPosition, type KeysetRows, type KeysetWindow } from './keyset';
export { generateMigration, loadMigrations, migrate, pendingMigrations } from './migrations';
export { estimateRows } from './estimate';
export { default as sql, empty, join, raw, type Sql } from 'sql-template-tag';
