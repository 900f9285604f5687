// The cache that all instances share: values and messages by way of Redis, and nothing that goes wrong there is an error.
import { createCache, KeyvAdapter, type Cache, type CacheManagerStore } from 'cache-manager';
import { Keyv } from 'keyv';
import { guardedStore } from './guarded-store';
import { RedisLink, type RedisClient } from './redis';
import { RedisGuard, type RedisSettings } from './redis-guard';

export type SharedTierSettings = RedisSettings;

type Listener = (message: string) => void;

export class SharedTier {
  /** For whoever else speaks with the same Redis. */
  readonly guard: RedisGuard;
  private readonly cache: Cache;
  /** A connection that listens takes no other commands. */
  private readonly ear: RedisLink;
  private readonly subscriptions: [channel: string, listener: Listener][] = [];
  private hearing?: RedisClient;

  constructor(private readonly settings: SharedTierSettings) {
    this.guard = new RedisGuard(settings);
    this.cache = createCache({ stores: [keyvOf(this.guard)] });
    this.ear = new RedisLink({
      url: settings.url,
      onUp: (client) => {
        this.hearing = client;
        for (const subscription of this.subscriptions) this.listen(client, ...subscription);
      },
      // The guard tells of the same loss.
      onDown: () => (this.hearing = undefined),
    });
  }

  /** Resolves when connected or when it is clear that Redis is absent; then it goes on trying on its own. */
  async connect(): Promise<void> {
    await Promise.all([this.guard.connect(), this.ear.connect()]);
  }

  /** Ends at once, also while Redis is frozen. */
  async close(): Promise<void> {
    this.hearing = undefined;
    await Promise.all([this.guard.close(), this.ear.close()]);
  }

  state(): 'ok' | 'degraded' {
    return this.guard.isUsable ? 'ok' : 'degraded';
  }

  /** Values by key; a missing key is a miss. Never rejects and takes no longer than 50 ms: whatever goes wrong is a miss. */
  async getMany(keys: readonly string[]): Promise<ReadonlyMap<string, object>> {
    const found = new Map<string, object>();
    if (keys.length === 0 || !this.guard.isUsable) return found;
    const values = await this.cache.mget<unknown>([...keys]);
    keys.forEach((key, index) => {
      const value = values[index];
      if (typeof value === 'object' && value !== null) found.set(key, value);
    });
    return found;
  }

  /** Stores without waiting; failure is of no consequence. */
  set(key: string, value: object, ttlMs: number): void {
    if (this.guard.isUsable) this.cache.set(key, value, ttlMs).catch(() => undefined);
  }

  /** To all instances, this one included; a lost message is of no consequence. */
  publish(channel: string, message: string): void {
    this.guard.run('publish', (client) => client.publish(channel, message)).catch(() => undefined);
  }

  /** From now on and over each loss of the connection. The listener must not throw. */
  subscribe(channel: string, listener: Listener): void {
    this.subscriptions.push([channel, listener]);
    if (this.hearing) this.listen(this.hearing, channel, listener);
  }

  private listen(client: RedisClient, channel: string, listener: Listener): void {
    client.subscribe(channel, listener).catch((error: Error) => {
      // A Redis that forbids it; with a lost connection all begins anew.
      if (client === this.hearing) this.settings.telemetry.emit('redis.lost', { reason: error.message });
    });
  }
}

function keyvOf(guard: RedisGuard): Keyv {
  const store = guardedStore(guard);
  const withoutClock = {
    ...store,
    // Redis alone says when a value expires: Keyv compares with the clock of this machine, and would delete for all.
    set: (key: string, { value }: { value: unknown }, ttlMs?: number) => store.set(key, { value }, ttlMs),
  };
  return new Keyv({
    store: new KeyvAdapter(withoutClock as CacheManagerStore),
    // The store makes JSON: with Keyv's own there would be a text inside the text.
    serialize: undefined,
    deserialize: undefined,
    namespace: undefined,
    useKeyPrefix: false,
  });
}
