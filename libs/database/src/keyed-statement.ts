// The statement of a gathered read: any number of keys as its one parameter.
import sql, { raw, type Sql } from 'sql-template-tag';
import type { Statement } from './prepared';

/** One row each, found by the value of a unique column. */
export interface GatherOptions {
  /** Of the prepared statement: unique in the process, 1 to 63 characters of a-z, 0-9 and _. */
  readonly name: string;
  /** The unique column, by the name that it has among the selected ones. */
  readonly by: string;
  /** SQL type of the column, for example `uuid`. */
  readonly type: string;
  /** Without parameters; it should name its columns, since those of `*` change with the table. */
  readonly select: Sql;
}

export interface KeyedStatement extends Statement {
  /** The same with its keys, to be sent by somebody else. */
  readonly of: (keys: readonly string[]) => Sql;
  readonly keyOf: (row: Readonly<Record<string, unknown>>) => string;
}

/** @throws Error for a name that PostgreSQL would cut, or a statement with parameters of its own */
export function keyedStatement({ name, by, type, select }: GatherOptions): KeyedStatement {
  if (!/^[a-z0-9_]{1,63}$/.test(name))
    throw new Error(`${name} is no name of a statement: 1 to 63 characters of a-z, 0-9 and _.`);
  if (select.values.length > 0)
    throw new Error(`The statement ${name} has parameters, and its keys must be the only one.`);
  const start = sql`SELECT * FROM (${select}) AS one WHERE ${raw(`"${by}"`)} = ANY(`;
  const of = (keys: readonly string[]): Sql => sql`${start}${keys}::${raw(type)}[])`;
  return { name, text: of([]).text, of, keyOf: (row) => String(row[by]) };
}

/** Keys as the text of an array. */
export const arrayOf = (keys: readonly string[]): string => `{${keys.map(quoted).join(',')}}`;

const quoted = (key: string): string => `"${/["\\]/.test(key) ? key.replace(/["\\]/g, '\\$&') : key}"`;
