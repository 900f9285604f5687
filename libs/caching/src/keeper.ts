// Where the values of one cache are kept, in this process and in Redis, and the conditions for it.
import { Found, fromStored, toStored } from './found';
import type { Flight } from './flights';
import type { Ground } from './ground';
import { fullKey } from './keys';
import type { Terms } from './policy';
import { jittered } from './ttl';

export class Keeper<V> {
  constructor(
    private readonly terms: Terms<V>,
    private readonly ground: Ground,
  ) {}

  /** What is kept in this process, whether or not it may be shown now; counts no use. */
  peek(key: string): Found<V> | undefined {
    return this.ground.memory.peek(this.inner(key)) as Found<V> | undefined;
  }

  /** What is kept in this process and has not expired. */
  inMemory(key: string): Found<V> | undefined {
    const kept = this.ground.memory.get(this.inner(key)) as Found<V> | undefined;
    return kept && performance.now() < kept.expiresAt ? kept : undefined;
  }

  /** Of these keys those that Redis has and that hold now; from then on they are in memory, too. */
  async fromRedis(keys: readonly string[], arrivedAt: number | undefined): Promise<Map<string, Found<V>>> {
    const { feed, memory, shared } = this.ground;
    const landed = new Map<string, Found<V>>();
    const { schema } = this.terms;
    if (!shared || schema === undefined || feed.epoch === undefined || arrivedAt === undefined) return landed;
    const { epoch } = feed;
    const names = new Map(keys.map((key) => [key, fullKey(epoch, this.terms.name, schema, key)]));
    const stored = await shared.getMany([...names.values()]);
    if (!feed.isFresh(arrivedAt) || feed.epoch !== epoch) return landed;
    for (const [key, name] of names) {
      const entry = fromStored(stored.get(name));
      if (!entry || !feed.known.covers(entry.snapshot, entry.tags)) continue;
      const found = this.foundOf(key, entry.value as V | undefined, entry.tags, []);
      memory.set(found);
      landed.set(key, found);
    }
    return landed;
  }

  /** Keeps what was loaded, unless a change that the load may have missed is known by now. */
  keep(key: string, value: V | undefined, foreign: readonly string[], flight: Flight<V>): Found<V> {
    const { feed, memory, shared } = this.ground;
    const { tables, schema, name } = this.terms;
    const tags = [...this.terms.tagsOf(key, value), ...foreign];
    const found = this.foundOf(key, value, tags, foreign);
    const { snapshot, generation } = flight;
    if (snapshot === undefined || generation !== feed.generation || feed.epoch === undefined) return found;
    if (!tables.every((table) => feed.loggedTables.has(table)) || !feed.known.covers(snapshot, tags)) return found;
    memory.set(found);
    if (shared && schema !== undefined)
      shared.set(fullKey(feed.epoch, name, schema, key), toStored(snapshot, tags, value), this.lifetimeMs(value));
    return found;
  }

  /** A value as it may be kept. */
  foundOf(key: string, value: V | undefined, tags: readonly string[], foreign: readonly string[]): Found<V> {
    return new Found(this.inner(key), value, tags, foreign, performance.now() + this.lifetimeMs(value));
  }

  /** The key that was asked for, of the one that it has among those of all caches. */
  own = (inner: string): string => inner.slice(this.terms.name.length + 1);

  private inner = (key: string): string => `${this.terms.name} ${key}`;

  private lifetimeMs(value: V | undefined): number {
    return jittered(value === undefined ? this.terms.absentMs : this.terms.ttlMs);
  }
}
