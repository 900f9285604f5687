import 'reflect-metadata';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Telemetry } from '@app/telemetry';
import { Cache, CACHE_MANAGER, CacheInterceptor, CacheKey, CacheModule, CacheTTL } from '@nestjs/cache-manager';
import { Controller, Get, Inject, Module, UseInterceptors } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Cache as CacheOfLibrary } from 'cache-manager';
import { describeWith } from '../../../test/support/programs';
import { startRedis, type RedisServer } from '../../../test/support/redis';
import { plainCache, type PlainCacheSettings } from './plain-cache';
import { RedisGuard } from './redis-guard';

@Controller()
@UseInterceptors(CacheInterceptor)
class Greetings {
  static calls = 0;

  constructor(
    @Inject(CACHE_MANAGER) readonly cache: CacheOfLibrary,
    readonly same: Cache,
  ) {}

  @Get('plain')
  plain() {
    return { call: ++Greetings.calls };
  }

  @Get('named')
  @CacheKey('greeting')
  @CacheTTL(200.5)
  named() {
    return { call: ++Greetings.calls };
  }
}

async function start(settings: PlainCacheSettings): Promise<NestFastifyApplication> {
  @Module({
    imports: [CacheModule.registerAsync({ isGlobal: true, useFactory: () => plainCache(settings) })],
    controllers: [Greetings],
  })
  class App {}
  const app = await NestFactory.create<NestFastifyApplication>(App, new FastifyAdapter(), { logger: false });
  await app.init();
  Greetings.calls = 0;
  return app;
}

let app: NestFastifyApplication;
const cache = () => app.get<CacheOfLibrary>(CACHE_MANAGER);
const ask = async (url: string) => {
  const { statusCode, headers, body } = await app.inject(url);
  // The interceptor stores after it has answered.
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  return [statusCode, headers['x-cache'], body];
};

/** What users of @nestjs/cache-manager rely on, wherever the values are. */
function asExpected(): void {
  test('CACHE_MANAGER and Cache are the same', () => {
    const { cache, same } = app.get(Greetings);
    expect(cache).toBe(same);
  });

  test.each([[null], [0], [''], [false], [[]], [{ deep: [null, 'größe'] }], ['floodgate:plain:x']])(
    '%j is a value',
    async (value) => {
      expect(await cache().get('a')).toBeUndefined();
      await cache().set('a', value, 60_000);
      expect(await cache().get('a')).toEqual(value);
      expect(await cache().mget(['b', 'a'])).toEqual([undefined, value]);
      expect(await cache().wrap('a', () => Promise.reject(new Error('is there already')))).toEqual(value);
    },
  );

  test('a value is a copy, and what JSON makes of it', async () => {
    const value = { at: new Date(0), list: [1] };
    await cache().set('a', value);
    value.list.push(2);
    const first = await cache().get<typeof value>('a');
    expect(first).toEqual({ at: '1970-01-01T00:00:00.000Z', list: [1] });
    first?.list.push(3);
    expect((await cache().get<typeof value>('a'))?.list).toEqual([1]);
  });

  test.each([0.1, 20, 20.7])('a value that lives %d ms ends then', async (ttlMs) => {
    const startedMs = performance.now();
    await cache().set('a', 1, ttlMs);
    while ((await cache().get('a')) !== undefined) expect(performance.now() - startedMs).toBeLessThan(1000);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(ttlMs - 2);
  });

  test('a value without a TTL stays', async () => {
    await cache().set('a', 1);
    await cache().set('b', 1, 0);
    expect(await cache().mget(['a', 'b'])).toEqual([1, 1]);
    expect(await cache().ttl('a')).toBeUndefined();
  });

  test('what is left of a TTL can be asked', async () => {
    await cache().set('a', 1, 60_000);
    expect((await cache().ttl('a'))! - Date.now()).toBeGreaterThan(50_000);
  });

  test('values are removed one by one, many at a time, and all', async () => {
    await cache().mset(['a', 'b', 'c', 'd'].map((key) => ({ key, value: key })));
    await cache().del('a');
    await cache().mdel(['b', 'none']);
    expect(await cache().mget(['a', 'b', 'c', 'd'])).toEqual([undefined, undefined, 'c', 'd']);
    await cache().clear();
    expect(await cache().mget(['c', 'd'])).toEqual([undefined, undefined]);
  });

  test('an answer is made once, and again when its time is over', async () => {
    expect(await ask('/plain')).toEqual([200, 'MISS', '{"call":1}']);
    expect(await ask('/plain')).toEqual([200, 'HIT', '{"call":1}']);
    expect(await ask('/plain?page=2')).toEqual([200, 'MISS', '{"call":2}']);
    expect(await ask('/named')).toEqual([200, 'MISS', '{"call":3}']);
    expect(await cache().get('greeting')).toEqual({ call: 3 });
    while ((await cache().get('greeting')) !== undefined) await nextTurn();
    expect(await ask('/named')).toEqual([200, 'MISS', '{"call":4}']);
  });
}

describe('in memory', () => {
  beforeEach(async () => {
    app = await start({ maxBytes: 1_000_000 });
  });
  afterEach(() => app.close());

  asExpected();

  test('a default TTL is for what names none', async () => {
    await app.close();
    app = await start({ ttlMs: 60_000 });
    await cache().set('a', 1);
    await cache().set('b', 1, 1000);
    expect((await cache().ttl('a'))! - Date.now()).toBeGreaterThan(50_000);
    expect((await cache().ttl('b'))! - Date.now()).toBeLessThan(1001);
  });

  test('never holds more than it may', async () => {
    for (let key = 0; key < 3000; key++) await cache().set(`key ${key}`, 'x'.repeat(1000));
    const kept = await cache().mget(Array.from({ length: 3000 }, (_, key) => `key ${key}`));
    expect(kept.filter((value) => value !== undefined).length).toBeLessThan(500);
    await cache().set('huge', 'x'.repeat(1_000_000));
    expect(await cache().get('huge')).toBeUndefined();
  });
});

describeWith('redis-server', 'in Redis', (path) => {
  let redis: RedisServer;
  let guard: RedisGuard;

  beforeAll(async () => {
    redis = await startRedis(path);
  });
  // A busy machine must not turn values into misses.
  const startWith = async (timeoutMs = 5000) => {
    guard = new RedisGuard({ url: redis.url, telemetry: new Telemetry(), timeoutMs });
    await guard.connect();
    app = await start({ guard });
  };
  const stop = async () => {
    await app.close();
    await guard.close();
  };
  beforeEach(async () => {
    await redis.flush();
    await startWith();
  });
  afterEach(stop);
  afterAll(() => redis.stop());

  asExpected();

  test('every key is under a name of its own, and ends some day', async () => {
    await cache().set('a', 1);
    await cache().set('b', 1, 0);
    await cache().set('c', 1, 1234.5);
    const keys = (await redis.send('KEYS', '*')) as string[];
    expect(keys.sort()).toEqual(['floodgate:plain:a', 'floodgate:plain:b', 'floodgate:plain:c']);
    for (const key of keys) expect(Number(await redis.send('PTTL', key))).toBeGreaterThan(1000);
  });

  test('clear() leaves alone what belongs to others', async () => {
    await redis.send('SET', 'other:a', '1');
    await redis.send('SET', 'floodgate:plainer', '1');
    await cache().mset(Array.from({ length: 2500 }, (_, key) => ({ key: `key ${key}`, value: key })));
    expect(await redis.send('DBSIZE')).toBe(2502);
    await cache().clear();
    expect(((await redis.send('KEYS', '*')) as string[]).sort()).toEqual(['floodgate:plainer', 'other:a']);
  });

  test.each<[string, () => unknown, () => unknown]>([
    ['frozen', () => redis.freeze(), () => redis.thaw()],
    ['killed', () => redis.kill(), () => redis.restart()],
  ])('while Redis is %s, all goes on without it', async (_, fail, mend) => {
    await stop();
    await startWith(50);
    await fail();
    for (let call = 1; call <= 6; call++) {
      const startedMs = performance.now();
      expect(await ask('/plain')).toEqual([200, 'MISS', `{"call":${call}}`]);
      expect(performance.now() - startedMs).toBeLessThan(300);
    }
    await cache().set('a', 1);
    await cache().mset([{ key: 'b', value: 1 }]);
    await cache().del('a');
    await cache().mdel(['a']);
    await cache().clear();
    expect(await cache().mget(['a', 'b'])).toEqual([undefined, undefined]);
    expect(await cache().wrap('a', () => 'made')).toBe('made');
    await mend();
    const startedMs = performance.now();
    while ((await cache().get('a')) !== 2) {
      expect(performance.now() - startedMs).toBeLessThan(2000);
      await cache().set('a', 2);
      await nextTurn();
    }
  });
});
