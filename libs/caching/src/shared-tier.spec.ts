import { setImmediate as nextTurn } from 'node:timers/promises';
import { Telemetry, type Events } from '@app/telemetry';
import { describeWith } from '../../../test/support/programs';
import { startRedis, type RedisServer } from '../../../test/support/redis';
import { SharedTier } from './shared-tier';

describeWith('redis-server', 'values and messages by way of Redis', (path) => {
  const telemetry = new Telemetry();
  let commands: Events['redis.command'][];
  let redis: RedisServer;
  let tier: SharedTier;
  let other: SharedTier;

  beforeAll(async () => {
    redis = await startRedis(path);
    tier = new SharedTier({ url: redis.url, telemetry, timeoutMs: 5000 });
    other = new SharedTier({ url: redis.url, telemetry: new Telemetry(), timeoutMs: 5000 });
    await Promise.all([tier.connect(), other.connect()]);
    telemetry.on('redis.command', (command) => commands.push(command));
  });
  beforeEach(async () => {
    await redis.flush();
    commands = [];
  });
  afterAll(async () => {
    await Promise.all([tier.close(), other.close()]);
    await redis.stop();
  });

  const told = (command: string) =>
    new Promise<Events['redis.command']>((resolve) => {
      const stop = telemetry.on('redis.command', (told) => {
        if (told.command === command) resolve((stop(), told));
      });
    });

  /** Resolves when Redis has answered. */
  function store(key: string, value: object, ttlMs = 60_000): Promise<Events['redis.command']> {
    const answered = told('set');
    tier.set(key, value, ttlMs);
    return answered;
  }
  const valuesOf = async (...keys: string[]) => Object.fromEntries(await tier.getMany(keys));

  test('what one instance stores, another finds, in one command', async () => {
    await store('a', { text: 'größe "1"\n', nothing: null, list: [0, ''] });
    await store('c', { id: 3 });
    commands = [];
    expect(await valuesOf('c', 'b', 'a', 'a')).toEqual({
      a: { text: 'größe "1"\n', nothing: null, list: [0, ''] },
      c: { id: 3 },
    });
    expect([...(await other.getMany(['a'])).keys()]).toEqual(['a']);
    expect(commands).toEqual([{ command: 'get', durationMs: expect.any(Number), failed: false }]);
  });

  test('no keys are no command', async () => {
    expect(await valuesOf()).toEqual({});
    expect(commands).toEqual([]);
  });

  test('a value is encoded once, with its key and without a clock', async () => {
    await store('a', { text: 'x' });
    expect(await redis.send('GET', 'a')).toBe('{"value":{"text":"x"},"key":"a"}');
  });

  test.each([
    [0.25, 1],
    [1, 1],
    [5000.5, 5001],
    [3_600_000, 3_600_000],
    [0, 30 * 24 * 3_600_000],
    [NaN, 30 * 24 * 3_600_000],
    [Infinity, 30 * 24 * 3_600_000],
  ])('a TTL of %d ms is one of %d ms', async (ttlMs, wholeMs) => {
    expect((await store('a', { text: 'x' }, ttlMs)).failed).toBe(false);
    const leftMs = Number(await redis.send('PTTL', 'a'));
    expect(leftMs).toBeLessThanOrEqual(wholeMs);
    // -2: it is gone already; -1: it would stay for ever.
    if (wholeMs === 1) expect(leftMs).not.toBe(-1);
    else expect(leftMs).toBeGreaterThanOrEqual(wholeMs - 4000);
  });

  test('a clock that is wrong by hours expires nothing', async () => {
    await store('a', { text: 'x' }, 60_000);
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 5 * 3_600_000);
    const found = await valuesOf('a');
    clock.mockRestore();
    expect(found).toEqual({ a: { text: 'x' } });
    expect(await redis.send('EXISTS', 'a')).toBe(1);
  });

  describe.each([
    ['no JSON', ['SET', 'a', '{"value":{']],
    ['nothing', ['SET', 'a', '']],
    ['a number', ['SET', 'a', '5']],
    ['null', ['SET', 'a', 'null']],
    ['a text', ['SET', 'a', '"text"']],
    ['no envelope', ['SET', 'a', '{"text":"x"}']],
    ['a value of another key', ['SET', 'a', '{"value":{"text":"x"},"key":"b"}']],
    ['a value that is no object', ['SET', 'a', '{"value":5,"key":"a"}']],
    ['bytes that are no text', ['SET', 'a', '\x00\xff\xfe']],
    ['a list', ['RPUSH', 'a', 'x']],
    ['a hash', ['HSET', 'a', 'value', 'x']],
  ])('%s under a key', (_, command) => {
    test('is a miss, and the next value replaces it', async () => {
      await redis.send(...command);
      expect(await valuesOf('a')).toEqual({});
      expect((await store('a', { text: 'right' })).failed).toBe(false);
      expect(await valuesOf('a')).toEqual({ a: { text: 'right' } });
    });
  });

  test('what is no JSON is not stored, and nobody is told', async () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    tier.set('a', cycle, 1000);
    tier.set('b', { big: 1n }, 1000);
    tier.set('c', Symbol('no object') as never, 1000);
    await store('d', { text: 'x' });
    expect(await redis.send('KEYS', '*')).toEqual(['d']);
  });

  test('an emptied Redis is a miss, and takes new values', async () => {
    await store('a', { text: 'x' });
    await redis.flush();
    expect(await valuesOf('a')).toEqual({});
    await store('a', { text: 'y' });
    expect(await valuesOf('a')).toEqual({ a: { text: 'y' } });
  });

  test('a full Redis serves what it has, and stays in use', async () => {
    await store('a', { text: 'x' });
    await redis.send('CONFIG', 'SET', 'maxmemory', '1mb');
    expect(await store('b', { text: 'x'.repeat(1000) })).toMatchObject({ failed: true });
    expect(await valuesOf('a', 'b')).toEqual({ a: { text: 'x' } });
    expect(tier.state()).toBe('ok');
    await redis.send('CONFIG', 'SET', 'maxmemory', '0');
  });

  test('a Redis that takes no writes serves what it has', async () => {
    await store('a', { text: 'x' });
    await redis.send('REPLICAOF', '127.0.0.1', '1');
    expect(await store('b', { text: 'x' })).toMatchObject({ failed: true });
    expect(await valuesOf('a', 'b')).toEqual({ a: { text: 'x' } });
    expect(tier.state()).toBe('ok');
    await redis.send('REPLICAOF', 'NO', 'ONE');
  });

  test('an answer that came while this process was busy is in time', async () => {
    const brief = new SharedTier({ url: redis.url, telemetry: new Telemetry() });
    await brief.connect();
    await store('a', { text: 'x' });
    const asked = brief.getMany(['a']);
    // The command leaves at the end of this turn.
    await nextTurn();
    for (const end = performance.now() + 100; performance.now() < end;);
    expect((await asked).size).toBe(1);
    await brief.close();
  });

  test('a message reaches every listener of its channel, on all instances', async () => {
    const heard: string[] = [];
    const last = new Promise<void>((resolve) => {
      tier.subscribe('end', () => resolve());
    });
    tier.subscribe('news', (message) => heard.push(`1 ${message}`));
    tier.subscribe('news', (message) => heard.push(`2 ${message}`));
    other.subscribe('news', (message) => heard.push(`3 ${message}`));
    other.subscribe('olds', (message) => heard.push(`4 ${message}`));
    while (Number(((await redis.send('PUBSUB', 'NUMSUB', 'news')) as unknown[])[1]) < 2) await nextTurn();
    while (Number(((await redis.send('PUBSUB', 'NUMSUB', 'end')) as unknown[])[1]) < 1) await nextTurn();
    other.publish('news', 'größe');
    other.publish('end', '');
    await last;
    while (heard.length < 3) await nextTurn();
    expect(heard.sort()).toEqual(['1 größe', '2 größe', '3 größe']);
  });

  test('a Redis that forbids listening is told of, and its values are used', async () => {
    await redis.send('ACL', 'SETUSER', 'deaf', 'on', '>secret', '+@all', '~*', 'resetchannels');
    const telemetry = new Telemetry();
    const deaf = new SharedTier({ url: redis.url.replace('//', '//deaf:secret@'), telemetry });
    const telling = new Promise<string>((resolve) => {
      telemetry.on('redis.lost', ({ reason }) => resolve(reason));
    });
    deaf.subscribe('news', () => undefined);
    await deaf.connect();
    expect(await telling).toMatch(/^NOPERM/);
    expect(deaf.state()).toBe('ok');
    await deaf.close();
  });
});
