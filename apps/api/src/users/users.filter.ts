// What the filters of the list mean in SQL; each rides on an index of the entity.
import { sql, type Sql } from '@app/database';
import type { UserFilter } from './users.query.dto';

export function conditionsOf({ q, role, status }: UserFilter): Sql[] {
  return [
    status === undefined ? sql`status <> 'deleted'` : sql`status = ${status}`,
    ...(role === undefined ? [] : [sql`role = ${role}`]),
    ...(q === undefined ? [] : [sql`search @@ to_tsquery('simple', ${beginnings(q)})`]),
  ];
}

/** Split as the column is; no word holds a quote or an operator then. Without any word nothing matches. */
const beginnings = (q: string): string =>
  q
    .split(/[!-/:-@[-`{-~\s]+/)
    .filter((word) => word !== '')
    .map((word) => `'${word}':*`)
    .join(' & ');
