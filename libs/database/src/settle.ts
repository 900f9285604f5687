// After many rows of a table were written at once: does now what autovacuum would do in a minute, so that searches stay fast.
import sql, { raw } from 'sql-template-tag';
import type { Database } from './database';

const STATEMENT_MS = 60_000;

/**
 * Tells the planner what the table holds now, and moves what its GIN indexes have put off, some megabytes that each
 * search has to read, to its place. Indexes of another owner are left alone.
 */
export async function settle(database: Database, table: string): Promise<void> {
  const limits = { statementMs: STATEMENT_MS, lockMs: STATEMENT_MS };
  await database.transaction(() => database.rows(sql`ANALYZE ${raw(`"${table}"`)}`), limits);
  const clean = sql`
    SELECT gin_clean_pending_list(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indrelid = ${`"${table}"`}::regclass AND relam = (SELECT oid FROM pg_am WHERE amname = 'gin')
      AND pg_has_role(relowner, 'USAGE')`;
  await database.transaction(() => database.rows(clean), limits);
}
