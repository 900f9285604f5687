// What is allowed is allowed once for all instances; without Redis once for each, and never more.
import { describeWith } from '../support/programs';
import { type Account, type Reply, TestApi } from '../support/api';
import { type RedisServer, startRedis } from '../support/redis';

const ALLOWED = 50;
const BACK_WITHIN = 2_000;

describeWith('redis-server', 'limits of three instances', (path) => {
  let redis: RedisServer;
  let apis: [TestApi, TestApi, TestApi];

  beforeAll(async () => {
    redis = await startRedis(path);
    const settings = { redisUrl: redis.url, rateLimitWrites: ALLOWED };
    const first = await TestApi.start(settings);
    apis = [first, await first.join(settings), await first.join(settings)];
  });

  afterAll(async () => {
    for (const api of [...apis].reverse()) await api.close();
    await redis.stop();
  });

  /** Of a route that is counted and then refuses the body, so that the database plays no part. */
  const flood = (as: Account, count: number): Promise<Reply[]> =>
    Promise.all(Array.from({ length: count }, (_, n) => apis[n % 3]!.request('POST', '/v1/items', { as, body: {} })));
  const statusesOf = (answers: Reply[]) => answers.map(({ status }) => status);
  const passed = (answers: Reply[]) => statusesOf(answers).filter((status) => status === 422).length;

  it('exactly as many pass as are allowed', async () => {
    const account = await apis[0].createAccount();
    const answers = await flood(account, ALLOWED + 200);
    expect(passed(answers)).toBe(ALLOWED);
    expect(new Set(statusesOf(answers))).toEqual(new Set([422, 429]));
    expect(await redis.send('KEYS', 'floodgate:limit:write:*')).toHaveLength(1);
  });

  it('Redis that dies in the middle lets nobody fail, and each instance allow no more than one would', async () => {
    const account = await apis[0].createAccount();
    const floods = [flood(account, 150), redis.kill().then(() => flood(account, 300))];
    const answers = (await Promise.all(floods)).flat();
    expect(new Set(statusesOf(answers))).toEqual(new Set([422, 429]));
    expect(passed(answers)).toBeGreaterThanOrEqual(ALLOWED);
    expect(passed(answers)).toBeLessThanOrEqual(4 * ALLOWED);
  });

  it('is shared again soon after Redis is back', async () => {
    await redis.restart();
    const startedAt = performance.now();
    for (const api of apis)
      while ((await api.get('/health/ready')).body.redis !== 'ok') {
        if (performance.now() - startedAt > BACK_WITHIN) throw new Error('Redis is not used again.');
        await new Promise(setImmediate);
      }
    expect(passed(await flood(await apis[0].createAccount(), ALLOWED + 200))).toBe(ALLOWED);
  });
});

it('one instance without Redis allows exactly as many', async () => {
  const api = await TestApi.start({ rateLimitWrites: ALLOWED });
  try {
    const as = await api.createAccount();
    const sent = Array.from({ length: ALLOWED + 200 }, () => api.request('POST', '/v1/items', { as, body: {} }));
    expect((await Promise.all(sent)).filter(({ status }) => status === 422)).toHaveLength(ALLOWED);
  } finally {
    await api.close();
  }
});
