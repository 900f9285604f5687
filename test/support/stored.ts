// What the database holds, as one digest a table: equal before and after exactly if nothing has changed.
import { join, raw, sql } from '@app/database';
import type { TestApi } from './api';

export async function digestOf(api: TestApi): Promise<Record<string, string>> {
  const tables = await api.rows<{ name: string }>(
    sql`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`,
  );
  const digests = tables.map(
    ({ name }) => sql`SELECT ${name}::text AS name, count(*) || ' rows, ' ||
      md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) AS digest FROM ${raw(name)} AS t`,
  );
  const rows = await api.rows<{ name: string; digest: string }>(join(digests, ' UNION ALL '));
  return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]));
}
