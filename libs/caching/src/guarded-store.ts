// The store of cache-manager-redis-yet over guarded commands, in the shape that cache-manager's KeyvAdapter takes.
import type { CacheManagerStore } from 'cache-manager';
import { redisInsStore } from 'cache-manager-redis-yet';
import type { RedisGuard } from './redis-guard';

/** Nothing stays for ever in a Redis that may have been told to evict nothing: what names no TTL goes after 30 days. */
const MAX_TTL_MS = 30 * 24 * 3_600_000;
const SCAN_KEYS = 1000;

/** What Keyv wants stored. */
interface Envelope {
  readonly value: unknown;
  readonly expires?: number;
}

interface Stored extends Envelope {
  /** The key that it was stored under: an answer that belongs to another command is recognised by it. */
  readonly key: string;
}

/** Of a store, what KeyvAdapter calls. */
export type GuardedStore = Pick<CacheManagerStore, 'name' | 'get' | 'mget' | 'set' | 'del' | 'mdel' | 'reset'>;

/**
 * Its calls reject when Redis does; Keyv and cache-manager turn that into a miss.
 *
 * @param namespace Keyv's, without colon: `reset()` removes the keys that begin with it, and nothing without one
 */
export function guardedStore(guard: RedisGuard, namespace?: string): GuardedStore {
  const client = {
    get: (key: string) => guard.run('get', (redis) => redis.get(key)),
    mGet: (keys: string[]) => guard.run('get', (redis) => redis.mGet(keys)),
    set: (key: string, text: string, options: { PX: number }) =>
      guard.run('set', (redis) => redis.set(key, text, options)),
    del: (keys: string | string[]) => guard.run('delete', (redis) => redis.unlink(keys)),
  };
  const store = redisInsStore(client as unknown as Parameters<typeof redisInsStore>[0]);
  const ownOf = (stored: Stored | undefined, key: string) => (stored?.key === key ? stored : undefined);

  return {
    name: 'redis',
    get: async (key) => ownOf(await store.get<Stored>(key), key),
    async mget(...keys) {
      if (keys.length === 0) return [];
      const stored = (await store.mget(...keys)) as (Stored | undefined)[];
      return keys.map((key, index) => ownOf(stored[index], key));
    },
    set: (key, envelope: Envelope, ttlMs) => store.set(key, { ...envelope, key } satisfies Stored, wholeTtl(ttlMs)),
    del: (key) => store.del(key),
    mdel: (...keys) => store.mdel(...keys),
    ...(namespace !== undefined && { reset: () => removeAll(guard, `${namespace}:`) }),
  };
}

/** PX takes whole numbers from 1. */
function wholeTtl(ttlMs = MAX_TTL_MS): number {
  return Number.isNaN(ttlMs) ? MAX_TTL_MS : Math.min(Math.max(1, Math.ceil(ttlMs)), MAX_TTL_MS);
}

async function removeAll(guard: RedisGuard, prefix: string): Promise<void> {
  let cursor = 0;
  do {
    const page = await guard.run('scan', (redis) => redis.scan(cursor, { MATCH: `${prefix}*`, COUNT: SCAN_KEYS }));
    if (page.keys.length > 0) await guard.run('delete', (redis) => redis.unlink(page.keys));
    ({ cursor } = page);
  } while (cursor !== 0);
}
