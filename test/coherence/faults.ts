// What goes wrong while the cache is read and written: each fault is injected, lasts, and is mended again.
import { setTimeout as sleep } from 'node:timers/promises';
import { FEED, type Instance, POOL } from './instance';
import type { Random } from './random';
import { SqlWriter } from './sql-writer';
import type { World } from './world';
import { HELD_AT_ONCE } from './writers';

type Inject = (world: World, random: Random) => Promise<void>;

/** Begin of a message that Redis pushes to a subscriber. */
const PUSHED = '*3\r\n$7\r\nmessage\r\n';
const NOTHING = Buffer.alloc(0);

const ofInstances = {
  'instance killed': async ({ instances }, random) => {
    const instance = random.pick(instances);
    await instance.kill();
    await sleep(random.between(0, 300));
    await instance.run();
  },
  'instance stopped': ({ instances }, random) => stopped(random.pick(instances), random.between(20, 400)),
  'instance stopped for 3 s': ({ instances }, random) => stopped(random.pick(instances), 3_000),
} satisfies Record<string, Inject>;

const ofRedis = {
  'redis killed': async ({ servers: { redis } }, random) => {
    await redis.kill();
    await sleep(random.between(100, 1_500));
    await redis.restart();
  },
  'redis frozen': async ({ servers: { redis } }, random) => {
    redis.freeze();
    await sleep(random.between(100, 1_000));
    redis.thaw();
  },
  'redis flushed': ({ servers: { redis } }) => redis.flush(),
  'redis back from an old dump': async ({ servers: { redis } }, random) => {
    await redis.send('SAVE');
    await sleep(random.between(500, 3_000));
    await redis.restart();
  },
  'redis slow': lasting(
    ({ redis }) => redis,
    (faults) => faults.delayMs(0, 60),
    [500, 2_500],
  ),
  'redis connections cut': async ({ instances }) => instances.forEach(({ redis }) => redis.cut()),
  'wake-ups dropped': lasting(
    ({ redis }) => redis,
    (faults) => faults.garble((chunk) => (chunk.includes(PUSHED) ? NOTHING : chunk)),
    [500, 2_500],
  ),
} satisfies Record<string, Inject>;

const ofPostgres = {
  'loads slow': lasting(
    ({ database }) => database.of(POOL),
    (faults) => faults.delayMs(0, 60),
    [500, 2_500],
  ),
  /** A round trip takes longer than the lease. */
  'loads very slow': lasting(
    ({ database }) => database.of(POOL),
    (faults) => faults.delayMs(150, 250),
    [3_000, 3_000],
  ),
  'polls slow': lasting(
    ({ database }) => database.of(FEED),
    (faults) => faults.delayMs(0, 60),
    [500, 2_500],
  ),
  'polls frozen': async ({ instances }, random) => {
    const polls = random.pick(instances).database.of(FEED);
    polls.freeze();
    await sleep(random.between(50, 400));
    polls.thaw();
  },
  'polls cut': async ({ instances }, random) => random.pick(instances).database.of(FEED).cut(),
  'postgres killed in immediate mode': async ({ servers: { postgres } }, random) => {
    const restart = await postgres.crash();
    await sleep(random.between(50, 800));
    await restart();
  },
} satisfies Record<string, Inject>;

const ofWriters = {
  'long transaction': async ({ servers, catalogue }, random) => {
    const sql = new SqlWriter(servers.postgres.url);
    const own = catalogue.held.filter((_, index) => index % (HELD_AT_ONCE + 1) === HELD_AT_ONCE);
    // A restart of the server undoes it.
    await sql
      .hold([random.some(2, own), random.some(2, own)], random.between(2_000, 6_000), true)
      .catch(() => undefined);
    await sql.close();
  },
} satisfies Record<string, Inject>;

const BY_LANE = [ofInstances, ofRedis, ofPostgres, ofWriters] as const;

export type FaultName =
  keyof typeof ofInstances | keyof typeof ofRedis | keyof typeof ofPostgres | keyof typeof ofWriters;

export const FAULTS: Readonly<Record<FaultName, Inject>> = { ...ofInstances, ...ofRedis, ...ofPostgres, ...ofWriters };

/** Faults of one lane come one after the other; those of different lanes meet. */
export const LANES = BY_LANE.map((lane) => Object.keys(lane) as FaultName[]);

type Faults = ReturnType<Instance['database']['of']>;

/** Something that is wrong with a connection of every instance for a while. */
function lasting(of: (instance: Instance) => Faults, begin: (faults: Faults) => void, ms: [number, number]): Inject {
  return async ({ instances }, random) => {
    for (const instance of instances) begin(of(instance));
    await sleep(random.between(...ms));
    for (const instance of instances) of(instance).heal();
  };
}

async function stopped(instance: Instance, ms: number): Promise<void> {
  instance.signal('SIGSTOP');
  await sleep(ms);
  instance.signal('SIGCONT');
}
