// All caches of the application: opened by name, watched together.
import { type ChangeFeed, UnfitDatabase } from '@app/database';
import { Injectable } from '@nestjs/common';
import { Cache } from './cache';
import type { Ground } from './ground';
import type { Memory } from './memory';
import { type Policy, termsOf } from './policy';
import type { SharedTier } from './shared-tier';

@Injectable()
export class Caches {
  private readonly opened = new Map<string, Cache<unknown>>();
  private readonly tables = new Map<string, string>();
  private readonly ground: Ground;

  constructor(
    private readonly feed: ChangeFeed,
    memory: Memory,
    shared?: SharedTier,
    isInTransaction = (): boolean => false,
  ) {
    this.ground = { feed, memory, shared, isInTransaction };
  }

  /**
   * Opens a cache, once, in the constructor of the service that owns it. Nothing ever has to be invalidated: what the database
   * says has changed is dropped, on every instance, whoever changed it.
   * @param name unique; appears in metrics and in the keys in Redis
   * @throws Error if the name is taken, the ttl longer than an hour, or an entity has no table
   * @example
   * this.byId = caches.open('orders', { rowsOf: Order, ttl: '1h', view: OrderView, load: (ids) => this.rows.views(ids) });
   * this.pages = caches.open('orders.pages', { tableOf: Order, ttl: '1m', view: OrderPage });
   */
  open<V>(name: string, policy: Policy<V>): Cache<V> {
    if (this.opened.has(name)) throw new Error(`Two caches are called ${name}.`);
    const terms = termsOf(name, policy);
    const cache = new Cache<V>(terms, this.ground);
    this.opened.set(name, cache as Cache<unknown>);
    for (const table of terms.tables) this.tables.set(table, name);
    return cache;
  }

  /** Of what instances share; `unused` without a Redis. */
  get redis(): 'ok' | 'degraded' | 'unused' {
    return this.ground.shared?.state() ?? 'unused';
  }

  /** By name. */
  all(): ReadonlyMap<string, Cache<unknown>> {
    return this.opened;
  }

  /** What is cached must be logged: refuses a database in which somebody could change a table unnoticed. */
  verifyTables(): void {
    for (const [table, name] of this.tables)
      if (!this.feed.loggedTables.has(table))
        throw new UnfitDatabase(
          `The cache ${name} is built from the table ${table}, whose changes are not logged: add \`await logChanges(runner, '${table}')\` to a migration.`,
        );
  }
}
