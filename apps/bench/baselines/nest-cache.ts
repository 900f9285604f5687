// Nest's CacheModule as its documentation sets it up: in the memory of the process, or in Redis and nothing in front of it.
import { CacheModule, type CacheOptions } from '@nestjs/cache-manager';
import type { DynamicModule } from '@nestjs/common';
import { KeyvAdapter } from 'cache-manager';
import { redisStore } from 'cache-manager-redis-yet';
import { Keyv } from 'keyv';

/** @param cache `memory`, or the URL of a Redis */
export function cacheModule(cache: string, ttlMs: number): DynamicModule {
  if (cache === 'memory') return CacheModule.register({ ttl: ttlMs });
  return CacheModule.registerAsync({
    useFactory: async () => {
      const keyv = new Keyv({ store: new KeyvAdapter(await redisStore({ url: cache })), ttl: ttlMs });
      // The store writes and reads JSON itself: else each value would be JSON within JSON.
      keyv.serialize = undefined;
      keyv.deserialize = undefined;
      // The same class, declared once for CommonJS and once for ES modules.
      return { ttl: ttlMs, stores: [keyv] as unknown as CacheOptions['stores'] };
    },
  });
}
