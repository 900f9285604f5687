// One counter over all instances: in Redis, or in this process alone while there is none.
import type { SharedTier } from '@app/caching';
import { type RateLimiterAbstract, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { BoundedMemory } from './bounded-memory';

/**
 * Whoever gives up on Redis counts anew and so doubles what is allowed. The time begins before the command is written, so a process that is
 * busy with a flood would give up on a Redis that is well; a silent one loses its connection within about a second anyway.
 */
const PATIENCE_MS = 1_000;

export interface CounterSettings {
  readonly name: string;
  readonly most: number;
  readonly windowSeconds: number;
  readonly shared?: SharedTier;
}

export interface Counted {
  readonly isExceeded: boolean;
  readonly remaining: number;
  readonly resetSeconds: number;
}

/** A window begins with the first that is counted in it. Nothing here rejects. */
export class Counter {
  private readonly limiter: RateLimiterAbstract;

  constructor({ name, most, windowSeconds, shared }: CounterSettings) {
    const options = { keyPrefix: `floodgate:limit:${name}`, points: most, duration: windowSeconds };
    const memory = new BoundedMemory(options);
    this.limiter = shared
      ? new RateLimiterRedis({
          ...options,
          storeClient: clientOf(shared),
          useRedisPackage: true,
          insuranceLimiter: memory,
        })
      : memory;
  }

  async take(key: string): Promise<Counted> {
    try {
      return this.countedOf(await this.limiter.consume(key), false);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return this.countedOf(refusal, true);
    }
  }

  /** What was taken is as if it had not been. */
  async giveBack(key: string): Promise<void> {
    await this.limiter.reward(key);
  }

  /** Begins anew. */
  async clear(key: string): Promise<void> {
    await this.limiter.delete(key);
  }

  /** 0 while something is left. */
  async secondsUntilFree(key: string): Promise<number> {
    const found = await this.limiter.get(key);
    return found && found.remainingPoints === 0 ? Math.max(1, Math.ceil(found.msBeforeNext / 1_000)) : 0;
  }

  async has(key: string): Promise<boolean> {
    return (await this.limiter.get(key)) !== null;
  }

  private countedOf({ remainingPoints, msBeforeNext }: RateLimiterRes, isExceeded: boolean): Counted {
    return { isExceeded, remaining: remainingPoints, resetSeconds: Math.max(1, Math.ceil(msBeforeNext / 1_000)) };
  }
}

/** Of a client, what RateLimiterRedis calls; EVAL carries its 300 bytes each time, so a Redis that was emptied misses no script. */
function clientOf({ guard }: SharedTier): object {
  type Script = { keys: string[]; arguments: string[] };
  return {
    eval: (script: string, options: Script) => guard.run('count', (redis) => redis.eval(script, options), PATIENCE_MS),
    del: (key: string) => guard.run('count', (redis) => redis.del(key), PATIENCE_MS),
    multi: () => ({
      get: (key: string) => ({
        pTTL: () => ({
          exec: () => guard.run('count', (redis) => redis.multi().get(key).pTTL(key).exec(), PATIENCE_MS),
        }),
      }),
    }),
  };
}
