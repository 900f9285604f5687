// What the author of a cache says about it, checked once, when it is opened.
import { createHash } from 'node:crypto';
import { type Gathered, tableNameOf } from '@app/database';
import { classNamed, schemaOf } from '@app/http';
import type { Type } from '@nestjs/common';
import { type Load, type Loader, loaderOf } from './loader';
import { type Duration, millisecondsOf } from './ttl';

/** No longer: changes are kept in the log a little longer than this. */
const MAX_TTL_MS = 3_600_000;
/** What is known to be absent is cheap to find out again. */
const MAX_ABSENT_MS = 30_000;

interface Lifetime<V> {
  /** At most `1h`. Values never get older than Δ; this only bounds how long an unchanged one is kept. */
  readonly ttl: Duration;
  /**
   * Class of the values: they are shared through Redis, under keys that hold a digest of its schema, so that a deploy never
   * reads an older shape. Absent: they stay in this process.
   */
  readonly view?: Type<object>;
  /**
   * Gives the values of keys; a key that it leaves out is absent. Absent: each `get` brings its own. Gathered reads, `as()` the
   * views, are the cheapest: they read nothing but their rows, so nobody has to watch what else they read.
   */
  readonly load?: Load<V> | Gathered<V>;
}

/** Each value is the state of one row, found by its id, or by another unique column. */
export interface RowPolicy<V> extends Lifetime<V> {
  readonly rowsOf: Type<object>;
  /** The column that keys are values of, unless they are ids; values must then have an `id`. */
  readonly by?: string;
}

/** Each value is built from any number of rows of these tables: a list, a count, a search. */
export interface TablePolicy<V> extends Lifetime<V> {
  readonly tableOf: Type<object> | readonly Type<object>[];
}

export type Policy<V> = RowPolicy<V> | TablePolicy<V>;

/** A policy as a cache needs it. */
export interface Terms<V> {
  readonly name: string;
  readonly tables: readonly string[];
  readonly ttlMs: number;
  readonly absentMs: number;
  /** Digest of the values' schema; undefined: not shared. */
  readonly schema?: string;
  readonly loader?: Loader<V>;
  /** Each value is the state of one row. */
  readonly isOfRows: boolean;
  /** Tags of a value, or of the absence of one. */
  readonly tagsOf: (key: string, value: V | undefined) => readonly string[];
}

export function termsOf<V>(name: string, policy: Policy<V>): Terms<V> {
  const ttlMs = millisecondsOf(policy.ttl);
  if (ttlMs > MAX_TTL_MS) throw new Error(`The cache ${name} has a ttl of ${policy.ttl}; 1h is the most.`);
  const entities = 'rowsOf' in policy ? [policy.rowsOf] : [policy.tableOf].flat();
  const tables = entities.map((entity) => tableNameOf(entity));
  const absentMs = Math.min(ttlMs, MAX_ABSENT_MS);
  const schema = policy.view && digestOf(policy.view);
  const loader = policy.load && loaderOf(policy.load);
  const isOfRows = 'rowsOf' in policy;
  return { name, tables, ttlMs, absentMs, schema, loader, isOfRows, tagsOf: tagger(name, policy, tables) };
}

function tagger<V>(name: string, policy: Policy<V>, tables: readonly string[]): Terms<V>['tagsOf'] {
  if (!('rowsOf' in policy)) return () => tables;
  const [table] = tables;
  if (policy.by === undefined) return (key) => [`${table}:${key}`];
  // A row that is not there may come by any change of the table.
  return (_key, value) => {
    if (value === undefined) return tables;
    const { id } = value as { id?: unknown };
    if (typeof id !== 'string') throw new Error(`The cache ${name} finds rows by ${policy.by}: its values need an id.`);
    return [`${table}:${id}`];
  };
}

/** Of the class's schema and of those that it refers to. */
function digestOf(view: Type<object>): string {
  const seen = new Map<string, object>();
  const visit = (type: object, name: string): void => {
    if (seen.has(name)) return;
    const schema = schemaOf(type);
    seen.set(name, schema);
    for (const [, other = ''] of JSON.stringify(schema).matchAll(/#\/components\/schemas\/([^"]+)/g)) {
      const referred = classNamed(other);
      if (referred) visit(referred, other);
    }
  };
  visit(view, view.name);
  return createHash('sha256')
    .update(JSON.stringify([...seen]))
    .digest('base64url')
    .slice(0, 8);
}
