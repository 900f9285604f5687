// Redis lost in every way: nobody gets an error, nobody waits long, and it is used again when it is back.
import { describeWith } from '../support/programs';
import { type FaultProxy as Proxy, startProxy } from '../support/proxy';
import { type RedisServer, startRedis } from '../support/redis';
import { type Account, TestApi } from '../support/api';
import { Wire, type Wired } from '../support/wire';

/** Milliseconds; the design allows the first second 60 more than usual. */
const PATIENCE = 250;
const BACK_WITHIN = 2_000;

describeWith('redis-server', 'with Redis', (path) => {
  let redis: RedisServer;
  let proxy: Proxy;
  let api: TestApi;
  let other: TestApi;
  let owner: Account;
  let wire: Wire;
  let ids: string[];

  beforeAll(async () => {
    redis = await startRedis(path);
    proxy = await startProxy(redis.port);
    const redisUrl = `redis://127.0.0.1:${proxy.port}`;
    api = await TestApi.start({ redisUrl });
    other = await api.join({ redisUrl });
    owner = await api.createAccount();
    wire = await Wire.open(other);
    const operations = Array.from({ length: 60 }, (_, n) => ({
      op: 'create',
      item: { sku: `R-${n}`, name: `R ${n}` },
    }));
    const { body } = await api.request('POST', '/v1/items/batch', { as: owner, body: { operations } });
    ids = body.results.map((result: { item: { id: string } }) => result.item.id);
  });

  afterAll(async () => {
    wire.close();
    await other.close();
    await api.close();
    await proxy.close();
    await redis.stop();
  });

  const ready = async () => (await other.get('/health/ready')).body.redis as string;

  async function timed(path: string): Promise<Wired & { ms: number }> {
    const startedAt = performance.now();
    const answer = await wire.get(path);
    return { ...answer, ms: performance.now() - startedAt };
  }

  /** Reads that memory does not know, each once. */
  async function readAll(): Promise<void> {
    await other.forget();
    const durations: number[] = [];
    for (const url of ['/v1/items?limit=5', ...ids.map((id) => `/v1/items/${id}`)]) {
      const { status, ms } = await timed(url);
      expect({ url, status }).toEqual({ url, status: 200 });
      durations.push(ms);
    }
    // What else the machine does may hold up one or two.
    expect(durations.sort((a, b) => a - b).at(-3)).toBeLessThan(PATIENCE);
  }

  async function untilReady(state: string): Promise<void> {
    const startedAt = performance.now();
    while ((await ready()) !== state) {
      if (performance.now() - startedAt > BACK_WITHIN)
        throw new Error(`Redis is not ${state} after ${BACK_WITHIN} ms.`);
      await new Promise(setImmediate);
    }
  }

  it('gives one instance what another has loaded, and never what has changed since', async () => {
    const url = `/v1/items/${ids[0]}`;
    await api.get(url);
    expect(await other.get(url)).toMatchObject({ status: 200, sql: 0 });
    const list = '/v1/items?sku=R-0&include=owner&count=exact';
    await api.get(list);
    expect(await other.get(list)).toMatchObject({ status: 200, sql: 0 });
    await api.request('PATCH', url, { as: owner, body: { stock: 9 } });
    await other.look();
    expect((await other.get(url)).body.stock).toBe(9);
    expect((await other.get(list)).text).toContain('"stock":9');
  });

  it('keeps nothing there without an end, under keys of its own', async () => {
    const keys = (await redis.send('KEYS', '*')) as string[];
    expect(keys.length).toBeGreaterThan(1);
    for (const key of keys) {
      expect(key).toMatch(/^floodgate:([\w-]{12}:[\w.]+:[\w-]{8}:|limit:(guess|owner-guess|known):[\w-]{22}$)/);
      expect(await redis.send('PTTL', key)).toBeGreaterThan(0);
    }
    expect(keys.join()).not.toContain('standing');
  });

  const FAULTS: [name: string, begin: () => unknown, end: () => unknown, isNoticed: boolean][] = [
    ['killed', () => redis.kill(), () => redis.restart(), true],
    ['frozen', () => redis.freeze(), () => redis.thaw(), true],
    ['slow by 200 ms', () => proxy.delayMs(200, 200), () => proxy.delayMs(0, 0), true],
    ['flushed', () => redis.flush(), () => undefined, false],
    [
      'full',
      () => redis.send('CONFIG', 'SET', 'maxmemory', '1'),
      () => redis.send('CONFIG', 'SET', 'maxmemory', '0'),
      false,
    ],
  ];

  it.each(FAULTS)('%s, it costs no error and no wait; then it is used again', async (_, begin, end, isNoticed) => {
    await readAll();
    await begin();
    await readAll();
    if (isNoticed) {
      await untilReady('degraded');
      expect(await other.get('/health/ready')).toMatchObject({
        status: 200,
        body: { redis: 'degraded', database: 'ok' },
      });
    }
    const hot = `/v1/items/${ids[1]}`;
    await wire.get(hot);
    expect((await timed(hot)).headers['cache-status']).toBe('floodgate; hit');
    const { status } = await other.request('PATCH', hot, { as: owner, body: { name: `Named ${performance.now()}` } });
    expect(status).toBe(200);
    await end();
    await untilReady('ok');
    await readAll();
  });

  it('garbage under its keys is no answer', async () => {
    await api.forget();
    const url = `/v1/items/${ids[2]}`;
    await api.get(url);
    for (const garbage of ['', 'x', '{}', '[]', 'null', '{"value":7}', '{"value":{"s":"1:1:","t":[],"v":{}}}']) {
      for (const key of (await redis.send('KEYS', '*')) as string[])
        await redis.send('SET', key, garbage, 'PX', '60000');
      await other.forget();
      expect(await other.get(url)).toMatchObject({ status: 200, body: { id: ids[2] } });
    }
  });

  it('absent at the start, it is used as soon as it comes', async () => {
    await redis.kill();
    const late = await api.join({ redisUrl: redis.url });
    const state = async () => (await late.get('/health/ready')).body.redis as string;
    expect(await state()).toBe('degraded');
    await redis.restart();
    const startedAt = performance.now();
    while ((await state()) !== 'ok' && performance.now() - startedAt < BACK_WITHIN) await new Promise(setImmediate);
    expect(await state()).toBe('ok');
    await late.close();
  });
});
