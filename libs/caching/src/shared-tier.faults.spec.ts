// Whatever becomes of Redis: a miss in time, no error, and back within 2 s. Jest fails a test on any unhandled rejection.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Telemetry, type EventName } from '@app/telemetry';
import { describeWith } from '../../../test/support/programs';
import { startProxy, type FaultProxy } from '../../../test/support/proxy';
import { startRedis, type RedisServer } from '../../../test/support/redis';
import { SharedTier } from './shared-tier';

describeWith('redis-server', 'when Redis fails', (path) => {
  let redis: RedisServer;
  let proxy: FaultProxy;
  let telemetry: Telemetry;
  let tier: SharedTier;
  let messages: string[];

  beforeEach(async () => {
    redis = await startRedis(path);
    proxy = await startProxy(redis.port);
    telemetry = new Telemetry();
    tier = new SharedTier({ url: `redis://127.0.0.1:${proxy.port}`, telemetry });
    messages = [];
    tier.subscribe('news', (message) => messages.push(message));
  });
  afterEach(async () => {
    await tier.close();
    await proxy.close();
    await redis.stop();
  });

  const told = (name: EventName) =>
    new Promise<void>((resolve) => {
      const stop = telemetry.on(name, () => (stop(), resolve()));
    });

  /**
   * Asks for so long, one call after the other.
   * @returns how long the slowest call took, without what the event loop of this busy machine was late by in that time
   */
  async function ask(durationMs: number): Promise<number> {
    const lateness = monitorEventLoopDelay({ resolution: 1 });
    lateness.enable();
    let slowestMs = 0;
    for (const end = performance.now() + durationMs; performance.now() < end; await nextTurn()) {
      const startedMs = performance.now();
      await tier.getMany(['a', 'b', 'c']);
      tier.set('a', { text: 'a' }, 60_000);
      tier.publish('news', 'lost or not');
      slowestMs = Math.max(slowestMs, performance.now() - startedMs);
    }
    lateness.disable();
    return Math.max(0, slowestMs - lateness.max / 1e6);
  }

  /** Milliseconds until a value and a message get through. */
  async function back(): Promise<number> {
    const startedMs = performance.now();
    messages = [];
    while (!(messages.includes('back') && (await tier.getMany(['a'])).size === 1)) {
      if (performance.now() - startedMs > 10_000) throw new Error(`It is not back: ${tier.state()}`);
      tier.set('a', { text: 'a' }, 60_000);
      tier.publish('news', 'back');
      await nextTurn();
    }
    return performance.now() - startedMs;
  }

  const faults: [string, () => unknown, () => unknown][] = [
    ['killed', () => redis.kill(), () => redis.restart()],
    ['frozen', () => redis.freeze(), () => redis.thaw()],
    ['slow by 200 ms', () => proxy.delayMs(100), () => proxy.heal()],
    ['so slow that nobody can connect', () => proxy.delayMs(600), () => proxy.heal()],
    ['answering garbage', () => proxy.garble(), () => proxy.heal()],
    ['refusing connections', () => (proxy.refuse(), proxy.cut()), () => proxy.heal()],
    ['replaced by another behind the same address', () => proxy.freeze(), () => (proxy.thawed = undefined)],
  ];

  test.each(faults)('%s', async (_, fail, mend) => {
    await tier.connect();
    await back();
    const lost = told('redis.lost');
    await fail();
    const inFirstSecond = await ask(1000);
    expect(inFirstSecond).toBeLessThan(60);
    await lost;
    expect(tier.state()).toBe('degraded');
    const later = await ask(300);
    expect(later).toBeLessThan(10);
    await mend();
    const backMs = await back();
    expect(backMs).toBeLessThan(2000);
    expect(tier.state()).toBe('ok');
  });

  test('absent at boot and coming later', async () => {
    await redis.kill();
    const lost = told('redis.lost');
    await tier.connect();
    await lost;
    expect(tier.state()).toBe('degraded');
    expect(await ask(300)).toBeLessThan(10);
    await redis.restart();
    expect(await back()).toBeLessThan(2000);
  });

  test('calls that wait together count once: one long pause of this process is no dead Redis', async () => {
    await tier.connect();
    redis.freeze();
    for (const state of ['ok', 'ok', 'degraded']) {
      await Promise.all(Array.from({ length: 20 }, (_, key) => tier.getMany([`key ${key}`])));
      expect(tier.state()).toBe(state);
    }
  });

  test('while it fails, nothing is sent and nothing counted as a command', async () => {
    await tier.connect();
    redis.freeze();
    const lost = told('redis.lost');
    await Promise.all([lost, ask(400)]);
    const commands: unknown[] = [];
    telemetry.on('redis.command', (command) => commands.push(command));
    await ask(300);
    expect(commands).toEqual([]);
  });

  test('the answer to another command is never taken for the value of a key', async () => {
    await tier.connect();
    const keys = ['a', 'b', 'c', 'd'];
    for (const key of keys) await redis.send('SET', key, JSON.stringify({ key, value: { text: key } }));
    let shifted = 0;
    // The first of four answers comes twice, so that each of the others goes to the next who waits.
    proxy.garble((chunk) => {
      if (String(chunk).split('*1\r\n').length !== 5) return chunk;
      shifted++;
      return Buffer.concat([chunk.subarray(0, chunk.length / 4), chunk]);
    });
    while (shifted < 2) {
      for (const [index, values] of (await Promise.all(keys.map((key) => tier.getMany([key])))).entries())
        for (const [key, value] of values) expect([key, value]).toEqual([keys[index], { text: keys[index] }]);
      await nextTurn();
    }
    proxy.heal();
    expect(await back()).toBeLessThan(2000);
  });

  test('the end comes at once, also while it is frozen and much is under way', async () => {
    await tier.connect();
    redis.freeze();
    const asked = Promise.all(Array.from({ length: 500 }, (_, key) => tier.getMany([`key ${key}`])));
    const startedMs = performance.now();
    await tier.close();
    expect(performance.now() - startedMs).toBeLessThan(100);
    expect((await asked).every((values) => values.size === 0)).toBe(true);
    expect((await tier.getMany(['a'])).size).toBe(0);
    tier.set('a', { text: 'a' }, 1000);
    tier.publish('news', 'too late');
  });
});
