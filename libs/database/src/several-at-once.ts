// Several statements in one message: PostgreSQL takes no parameters there, so their values are written out.
import { escapeLiteral, type QueryConfig } from 'pg';
import type { Sql } from 'sql-template-tag';

/** What log lines show of it in place of the text: no values. */
export interface SeveralAtOnce extends QueryConfig {
  readonly shown: string;
}

/** Values are text, numbers or null. */
export function severalAtOnce(statements: readonly (Sql | string)[]): SeveralAtOnce {
  const join = (text: (one: Sql) => string): string =>
    statements.map((one) => (typeof one === 'string' ? one : text(one))).join('; ');
  return { text: join(writtenOut), shown: join(({ text }) => text) };
}

const writtenOut = ({ strings, values }: Sql): string =>
  strings.map((text, at) => (at === 0 ? text : `${literal(values[at - 1])}${text}`)).join('');

function literal(value: unknown): string {
  if (value === null) return 'NULL';
  // In a place where a type is expected, a number in quotes is that type's.
  if (typeof value === 'string' || typeof value === 'number') return escapeLiteral(String(value));
  throw new Error(`A ${typeof value} can't be written out in SQL.`);
}
