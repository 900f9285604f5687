// Asks the planner how many rows a query would give: one statement, no rows read.
import type { Sql } from 'sql-template-tag';
import sql from 'sql-template-tag';
import type { Database } from './database';

/** The planner's estimate; off by as much as the table's statistics are. */
export async function estimateRows(database: Database, query: Sql): Promise<number> {
  const [row] = await database.rows<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(
    sql`EXPLAIN (FORMAT JSON) ${query}`,
  );
  return row?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0;
}
