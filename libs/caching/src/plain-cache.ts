// What stands behind CACHE_MANAGER of @nestjs/cache-manager: Redis where there is one, else a bounded piece of memory.
import type { CacheOptions } from '@nestjs/cache-manager';
import { KeyvAdapter, type CacheManagerStore } from 'cache-manager';
import { Keyv } from 'keyv';
import { guardedStore } from './guarded-store';
import { Memory, type Kept } from './memory';
import type { RedisGuard } from './redis-guard';

const NAMESPACE = 'floodgate:plain';
/** What the engine needs for an entry beside its two texts, about. */
const ENTRY_BYTES = 200;

export interface PlainCacheSettings {
  /** Without Redis each instance has a cache of its own. */
  readonly guard?: RedisGuard;
  /** For what is set without a TTL; without this one it stays until it is evicted, in Redis for 30 days at most. */
  readonly ttlMs?: number;
  /** Bound of the memory that is used where there is no Redis; 16 MiB unless given. */
  readonly maxBytes?: number;
}

/**
 * Options of `CacheModule`. A value comes back as its JSON, from Redis and from memory alike: a copy, a Date as text.
 * A lost Redis is a miss within 50 ms, never an error; a `del` or `clear` in that time is lost with it. `clear()` removes
 * the entries of this cache and nothing else from Redis.
 *
 * This is a plain cache: it shows what was set, until its TTL ends, whatever has changed in the database.
 *
 * @example CacheModule.registerAsync({ isGlobal: true, useFactory: () => plainCache({ guard }) })
 */
export function plainCache({ guard, ttlMs, maxBytes = 16 * 2 ** 20 }: PlainCacheSettings): CacheOptions {
  const keyv = guard
    ? new Keyv({
        namespace: NAMESPACE,
        store: new KeyvAdapter(guardedStore(guard, NAMESPACE) as CacheManagerStore),
        // The store makes JSON: with Keyv's own there would be a text inside the text.
        serialize: undefined,
        deserialize: undefined,
      })
    : new Keyv({
        namespace: NAMESPACE,
        store: storeIn(new Memory(maxBytes)),
        serialize: JSON.stringify,
        deserialize: JSON.parse,
      });
  // The module takes its types from Keyv's copy for ESM, which to TypeScript is another class.
  return { stores: [keyv] as unknown as CacheOptions['stores'], ttl: ttlMs };
}

class KeptText implements Kept {
  readonly tags = [];
  readonly bytes: number;
  uses = 0;

  constructor(
    readonly key: string,
    readonly text: string,
  ) {
    this.bytes = ENTRY_BYTES + 2 * (key.length + text.length);
  }
}

const storeIn = (memory: Memory) => ({
  get: (key: string) => (memory.get(key) as KeptText | undefined)?.text,
  set: (key: string, text: string) => memory.set(new KeptText(key, text)),
  delete(key: string): boolean {
    const isKept = memory.peek(key) !== undefined;
    memory.delete(key);
    return isKept;
  },
  clear: () => memory.clear(),
});
