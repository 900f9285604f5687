// Redis killed under load: what reads lose by it, and that none of them fails.
import { join } from 'node:path';
import type { Server } from './child';
import type { Options } from './options';
import { type Redis, startRedis, startRedisAt } from './redis';
import { type Ask, ask, askAll, writeRequests } from './requests';
import { hotItems, itemsOf } from './reads';
import type { Result, Scenario } from './scenario';
import { startService } from './service';
import { type Round, summaryOf } from './summary';
import { load, measuredLoad, refuseFailures } from './wrk';
import type { World } from './world';

/** Milliseconds of a load before Redis is killed. */
const BEFORE_KILL = 500;
const BACK_MS = 30_000;
const LONG_TAIL = 20_000;

const hot: Scenario = {
  name: 'redis-killed',
  title: 'hot items by id, and Redis is killed',
  isLong: true,
  run: (world, options) => outages(world, options, { asks: hotItems(world) }),
};

/** So little memory that most of the tail is asked of Redis; half of all requests are for hot items. */
const mixed: Scenario = {
  name: 'redis-killed-mix',
  title: `half of the requests for ${LONG_TAIL} items that do not fit into memory, and Redis is killed`,
  isLong: true,
  run: (world, options) => {
    const [few, tail] = [hotItems(world), itemsOf(world, LONG_TAIL)];
    const asks = tail.flatMap((one, at) => [one, few[at % few.length] as Ask]);
    return outages(world, options, { asks, memoryMebibytes: 8 });
  },
};

export const redisOutages: readonly Scenario[] = [hot, mixed];

interface Outage {
  readonly asks: readonly Ask[];
  readonly memoryMebibytes?: number;
}

async function outages(world: World, options: Options, { asks, memoryMebibytes }: Outage): Promise<Result> {
  let redis = await startRedis(world.directory);
  const rounds = { up: [] as Round[], dying: [] as Round[], dead: [] as Round[] };
  const environment = {
    REDIS_URL: redis.url,
    ...(memoryMebibytes !== undefined && { CACHE_MEMORY_MB: String(memoryMebibytes) }),
  };
  const service = await startService(world, { environment });
  try {
    const requestsFile = join(world.directory, 'outage.requests');
    writeRequests(requestsFile, service.url, asks);
    await askAll(service.url, asks, 200);
    const { connections, seconds } = options;
    const settings = { url: service.url, requestsFile, connections, seconds };
    refuseFailures('before the first round', await load({ ...settings, seconds: options.warmUpSeconds }));
    const measure = async (when: keyof typeof rounds): Promise<void> => {
      const { round, result } = await measuredLoad(service.pid, settings);
      refuseFailures(when, result);
      rounds[when].push(round);
      process.stderr.write('.');
    };
    for (let round = 0; round < options.rounds; round++) {
      await measure('up');
      setTimeout(() => process.kill(redis.pid, 'SIGKILL'), BEFORE_KILL);
      await measure('dying');
      await measure('dead');
      redis = await restart(redis, world, service);
    }
  } finally {
    await service.stop();
    await redis.stop();
  }
  return {
    summaries: [
      summaryOf('Redis up', rounds.up, rounds.up),
      summaryOf('Redis is killed', rounds.dying, rounds.up),
      summaryOf('Redis is gone', rounds.dead, rounds.up),
    ],
  };
}

/** And waits until the service uses it again. @throws Error when that takes too long */
async function restart({ port }: Redis, { directory }: World, { url }: Server): Promise<Redis> {
  const redis = await startRedisAt(port, directory);
  const deadline = performance.now() + BACK_MS;
  while (performance.now() < deadline) {
    const { body } = await ask(url, { path: '/health/ready' });
    if ((JSON.parse(body.toString()) as { redis: string }).redis === 'ok') return redis;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The service did not come back to a Redis that runs again.');
}
