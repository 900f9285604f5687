// Keyset paging: page 3,000 costs what page 1 costs, since each page starts from an index position instead of an offset.
import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { QueryResultRow } from 'pg';
import type { Database } from './database';

/** What rows are ordered by; ties are broken by id in the same direction, nulls come last in both. */
export interface KeysetOrder {
  /** SQL expression over the query's table; an index on (expression, id) makes a page's cost constant. */
  readonly by: Sql;
  /** SQL type of the expression, for example `timestamptz`. */
  readonly type: string;
  readonly isDescending: boolean;
  readonly isNullable?: boolean;
}

/** Where a page begins: the sort value and id of the row next to it. Values are JSON: a date travels as ISO 8601. */
export interface KeysetPosition {
  readonly value: string | number | null;
  readonly id: string;
}

export interface KeysetWindow {
  readonly limit: number;
  /** Rows strictly after (or, backward, before) this position; absent: from the start. */
  readonly position?: KeysetPosition;
  readonly isBackward: boolean;
}

export interface KeysetQuery {
  /** The select list; must contain `id`. */
  readonly columns: Sql;
  readonly from: Sql;
  readonly where: readonly Sql[];
  readonly order: KeysetOrder;
  readonly window: KeysetWindow;
}

export interface KeysetRows<Row> {
  readonly rows: Row[];
  readonly next?: KeysetPosition;
  readonly previous?: KeysetPosition;
}

/** Runs one statement and returns a page's rows in order, with the positions that its neighbours start from. */
export async function keysetRows<Row extends QueryResultRow & { id: string }>(
  database: Database,
  query: KeysetQuery,
): Promise<KeysetRows<Row>> {
  const { limit, position, isBackward } = query.window;
  const found = await database.rows<Row & { sortValue: Date | string | number | null }>(keysetStatement(query));
  const hasMore = found.length > limit;
  const kept = found.slice(0, limit);
  if (isBackward) kept.reverse();
  const first = kept.at(0);
  const last = kept.at(-1);
  const positionOf = (row: typeof first): KeysetPosition | undefined =>
    row && { value: row.sortValue instanceof Date ? row.sortValue.toISOString() : row.sortValue, id: row.id };
  if (kept.length === 0 && position !== undefined) {
    // The neighbour that it was reached from may be all that there is by now.
    const back = including(position, query.order.isDescending !== isBackward);
    return { rows: [], ...(isBackward ? { next: back } : { previous: back }) };
  }
  const cameFromBefore = position !== undefined && !isBackward;
  return {
    rows: kept.map(({ sortValue: _, ...row }) => row as unknown as Row),
    next: isBackward || hasMore ? positionOf(last) : undefined,
    previous: cameFromBefore || (isBackward && hasMore) ? positionOf(first) : undefined,
  };
}

/** The position right behind one, in the direction of reading: what turns round there meets the row of the first. */
function including({ value, id }: KeysetPosition, isDescending: boolean): KeysetPosition {
  const number = BigInt.asUintN(128, BigInt(`0x${id.replaceAll('-', '')}`) + (isDescending ? -1n : 1n));
  const digits = number.toString(16).padStart(32, '0');
  return { value, id: digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') };
}

/** One statement for up to limit + 1 rows; a nullable order is read as two index ranges, values first, nulls after. */
export function keysetStatement({ columns, from, where, order, window }: KeysetQuery): Sql {
  const { limit, position, isBackward } = window;
  const isDescending = order.isDescending !== isBackward;
  const direction = raw(isDescending ? 'DESC' : 'ASC');
  const beyond = raw(isDescending ? '<' : '>');
  const type = raw(order.type);
  const segment = (conditions: readonly Sql[]): Sql => {
    const all = [...where, ...conditions];
    const filter = all.length > 0 ? sql`WHERE ${join(all, ' AND ')}` : sql``;
    return sql`SELECT ${columns}, ${order.by} AS "sortValue" FROM ${from} ${filter} ORDER BY ${order.by} ${direction}, id ${direction} LIMIT ${limit + 1}`;
  };
  const afterValue =
    position && position.value !== null
      ? [sql`(${order.by}, id) ${beyond} (${position.value}::${type}, ${position.id}::uuid)`]
      : [];
  if (!order.isNullable) return segment(afterValue);

  const isNull = sql`${order.by} IS NULL`;
  const values = segment([sql`${order.by} IS NOT NULL`, ...afterValue]);
  const nulls = segment([isNull, ...(position?.value === null ? [sql`id ${beyond} ${position.id}::uuid`] : [])]);
  if (position?.value === null && !isBackward) return nulls;
  if (position && position.value !== null && isBackward) return values;
  const nullsPlace = raw(isBackward ? 'DESC' : 'ASC');
  return sql`SELECT * FROM ((${values}) UNION ALL (${nulls})) AS page ORDER BY "sortValue" IS NULL ${nullsPlace}, "sortValue" ${direction}, id ${direction} LIMIT ${limit + 1}`;
}
