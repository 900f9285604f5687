// Reads by key as a repository has them: one row each, gathered with those of all other requests.
import type { QueryResultRow } from 'pg';
import type { Sql } from 'sql-template-tag';
import { Gathering, type Waiter } from './gathering';
import { type GatherOptions, type KeyedStatement, keyedStatement } from './keyed-statement';
import type { Row } from './prepared';
import type { Lanes } from './lanes';
import { noteStatement } from './provenance';

export type { GatherOptions };

export interface ReadOptions {
  /** Whoever aborts is refused with the signal's reason; others who wait for the same keys are not. */
  readonly signal?: AbortSignal;
}

/** Runs a statement on the connection of the transaction that the caller is in; undefined outside of any. */
type InTransaction = (statement: () => Sql) => Promise<QueryResultRow[]> | undefined;

export class Gatherings {
  private readonly names = new Set<string>();

  constructor(
    private readonly lanes: Lanes,
    private readonly inTransaction: InTransaction,
  ) {}

  open<V>(options: GatherOptions): Gathered<V> {
    const statement = keyedStatement(options);
    if (this.names.has(statement.name)) throw new Error(`Two gathered statements are called ${statement.name}.`);
    this.names.add(statement.name);
    return new Gathered(statement, new Gathering(statement, this.lanes), this.inTransaction, (row) => row as V);
  }
}

export class Gathered<V> {
  constructor(
    private readonly statement: KeyedStatement,
    private readonly gathering: Gathering,
    private readonly inTransaction: InTransaction,
    private readonly view: (row: Row) => V,
  ) {}

  /** The same reads, giving something made of each row. */
  as<W>(view: (row: V) => W): Gathered<W> {
    return new Gathered(this.statement, this.gathering, this.inTransaction, (row) => view(this.view(row)));
  }

  /**
   * What has that key; undefined: there is none. Inside `transaction()` it sees what that has written.
   * @throws DatabaseUnavailable when the database is absent or lost, or after a second without a connection to send it by
   */
  async one(key: string, options?: ReadOptions): Promise<V | undefined> {
    return (await this.many([key], options)).get(key);
  }

  /** By key, those that there are; duplicates count once. Fails as `one()` does. */
  many(keys: readonly string[], options?: ReadOptions): Promise<Map<string, V>> {
    noteStatement(this.statement.text);
    return this.load(keys, options);
  }

  /** `many()` for a cache, which accounts for what it reads by itself. */
  load(keys: readonly string[], { signal }: ReadOptions = {}): Promise<Map<string, V>> {
    const rows = this.inTransaction(() => this.statement.of(keys));
    if (rows) return this.ownRows(rows, keys);
    const asked = keys.length === 1 ? keys : [...new Set(keys)];
    let waiter!: Waiter;
    const found = new Promise<Map<string, V>>((resolve, reject) => (waiter = this.waiter(asked, resolve, reject)));
    if (signal) this.obey(signal, asked, waiter, found);
    if (asked.length > 0 && !signal?.aborted) this.gathering.ask(asked, waiter);
    return found;
  }

  /** `one()` for a cache. */
  loadOne(key: string): Promise<V | undefined> {
    const rows = this.inTransaction(() => this.statement.of([key]));
    if (rows) return this.ownRows(rows, [key]).then((found) => found.get(key));
    return new Promise((resolve, reject) => this.gathering.ask([key], this.waiterOfOne(resolve, reject)));
  }

  private waiterOfOne(resolve: (found: V | undefined) => void, reject: (error: unknown) => void): Waiter {
    return {
      found: (_key, row) => {
        try {
          resolve(row && this.view(row));
        } catch (error) {
          reject(error);
        }
      },
      failed: reject,
    };
  }

  private waiter(
    keys: readonly string[],
    resolve: (found: Map<string, V>) => void,
    reject: (error: unknown) => void,
  ): Waiter {
    const found = new Map<string, V>();
    let left = keys.length;
    if (left === 0) resolve(found);
    return {
      found: (key, row) => {
        try {
          if (row) found.set(key, this.view(row));
        } catch (error) {
          reject(error);
        }
        if (--left === 0) resolve(found);
      },
      failed: reject,
    };
  }

  private obey(signal: AbortSignal, keys: readonly string[], waiter: Waiter, found: Promise<unknown>): void {
    const stop = (): void => {
      this.gathering.forsake(keys, waiter);
      waiter.failed(signal.reason as Error);
    };
    if (signal.aborted) return stop();
    const end = (): void => signal.removeEventListener('abort', stop);
    signal.addEventListener('abort', stop);
    found.then(end, end);
  }

  private async ownRows(reading: Promise<QueryResultRow[]>, keys: readonly string[]): Promise<Map<string, V>> {
    const rows = await reading;
    const [only] = keys;
    if (only !== undefined && keys.length === 1) return new Map(rows.map((row) => [only, this.view(row)]));
    const found = new Map(rows.map((row) => [this.statement.keyOf(row), this.view(row)]));
    const asked = new Set(keys);
    if ([...found.keys()].every((key) => asked.has(key))) return found;
    // Somebody has spelled a key in another way than the database does: whose row it is can be told only one by one.
    found.clear();
    for (const key of asked) for (const [, view] of await this.load([key])) found.set(key, view);
    return found;
  }
}
