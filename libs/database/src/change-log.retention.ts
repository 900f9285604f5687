// Keeps the change log short.
import sql from 'sql-template-tag';
import type { Database } from './database';

/** Longer than anything stays in a shared cache; what is older is not needed by anyone. */
export const LOG_RETENTION_MS = 70 * 60_000;

const ROWS_PER_DELETION = 10_000;

/**
 * Deletes what every instance has long seen. A row's age does not tell: a transaction may commit long after it has written the
 * row. But below an old mark's horizon every transaction had ended when the mark was made. Marks go first: the lowest one that is
 * left says from where on the log is complete.
 */
export async function forgetOldChanges(database: Database, retentionMs = LOG_RETENTION_MS): Promise<void> {
  // From a dump of another server: here, these transactions are still to come.
  await database.rows(sql`DELETE FROM change_log_marks WHERE horizon > pg_snapshot_xmax(pg_current_snapshot())`);
  await database.rows(sql`DELETE FROM change_log WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())`);
  await database.rows(sql`INSERT INTO change_log_marks DEFAULT VALUES`);
  const [old] = await database.rows<{ horizon: string | null }>(sql`
    SELECT max(horizon)::text AS horizon FROM change_log_marks
    WHERE seen_at < clock_timestamp() - make_interval(secs => ${retentionMs / 1_000})`);
  if (!old?.horizon) return;
  await database.rows(sql`DELETE FROM change_log_marks WHERE horizon < ${old.horizon}::xid8`);
  for (;;) {
    const gone = await database.rows(sql`
      DELETE FROM change_log WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM change_log WHERE xid < ${old.horizon}::xid8 ORDER BY xid LIMIT ${ROWS_PER_DELETION}
      )) RETURNING 1`);
    if (gone.length < ROWS_PER_DELETION) return;
  }
}
