// One to three real instances under a known load: what their polls and messages cost, and what the model must say, too.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Server } from '../child';
import { drive } from '../drive';
import { checkMachine, modelOfCpu, moveToLoadCore } from '../machine';
import { type Ask, askAll } from '../requests';
import { login, startService } from '../service';
import { createWorld, type World } from '../world';
import { ZIPF_EXPONENT } from '../zipf';
import { type Measured, rounded, type Seen } from './inputs';
import { drawOf } from './load';
import { randomOf } from './random';
import { redisCosts } from './redis-costs';
import { type Counts, countsOf, type Running } from './watch';

/** So few that all of them are read, written and read again while it is measured. */
const ITEMS = 200;
const MANY_ITEMS = 2_000;
const INSTANCES = [1, 2, 3];
/** Of each instance. */
const READS_PER_SECOND = 200;
const WRITES_PER_SECOND = 10;
const CALM_PER_SECOND = 20;
const WARM_UP_SECONDS = 8;
const SECONDS = 12;
const DRAWN = 20_000;

interface Phase {
  readonly before: Counts;
  readonly after: Counts;
  readonly seconds: number;
}

export async function measure(): Promise<Measured> {
  checkMachine(['taskset', 'redis-server']);
  moveToLoadCore();
  const world = await createWorld({ items: MANY_ITEMS });
  const client = new Client({ connectionString: world.databaseUrl });
  try {
    await client.connect();
    const seen: Seen[] = [];
    const calm: Phase[] = [];
    let [change, itemBytes] = [NaN, NaN];
    for (const isWithRedis of [true, false])
      for (const count of INSTANCES) {
        const running = await startAll(world, count, isWithRedis);
        try {
          process.stderr.write(`${count} instances, ${isWithRedis ? 'Redis' : 'no Redis'}\n`);
          if (isWithRedis && count === 1) itemBytes = await bytesOf(world, running, client);
          const quiet = await phase(world, client, running, CALM_PER_SECOND, 0);
          const mixed = await phase(world, client, running, READS_PER_SECOND, WRITES_PER_SECOND);
          if (isWithRedis) calm.push(quiet);
          seen.push(seenIn(quiet, count, isWithRedis, CALM_PER_SECOND, 0));
          seen.push(seenIn(mixed, count, isWithRedis, READS_PER_SECOND, WRITES_PER_SECOND));
          if (isWithRedis) change = changeIn(mixed, pollIn(quiet), count);
        } finally {
          for (const one of running) await one.stop();
        }
      }
    const [alone] = calm as [Phase];
    return {
      from: `\`npm run simulate -- --measure\` on ${new Date().toISOString().slice(0, 10)}: ${modelOfCpu()}, ${cpus().length} cores, Node ${process.version}`,
      pollMs: rounded((1_000 * grown(alone, 'pollSeconds')) / grown(alone, 'polls')),
      poll: rounded(pollIn(calm.at(-1) as Phase)),
      change: rounded(change),
      ownPoll: rounded((1e6 * grown(alone, 'ownCpuSeconds')) / grown(alone, 'polls')),
      ...(await redisCosts(Number(new URL(world.redisUrl).port))),
      itemBytes: Math.round(itemBytes),
      seen,
    };
  } finally {
    await client.end();
    await world.close();
  }
}

type Instance = Running & Pick<Server, 'stop'>;

async function startAll(world: World, count: number, isWithRedis: boolean): Promise<Instance[]> {
  const started: Instance[] = [];
  for (let at = 0; at < count; at++) {
    const port = await freePort();
    const environment = { ADMIN_PORT: String(port), ...(!isWithRedis && { REDIS_URL: '' }) };
    const { url, pid, stop } = await startService(world, { environment });
    started.push({ url, pid, stop, metricsUrl: `http://127.0.0.1:${port}/metrics` });
  }
  return started;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const idsOf = ({ ids }: World): readonly string[] => ids.slice(-ITEMS);
const readOf = (id: string): Ask => ({ path: `/v1/items/${id}` });

/** What an item takes that is kept both as a row and as an answer. */
async function bytesOf(world: World, running: readonly Running[], client: Client): Promise<number> {
  const [{ url }] = running as [Running];
  const others = world.ids.slice(0, -ITEMS);
  const before = await countsOf(running, client);
  for (let time = 0; time < 3; time++) await askAll(url, others.map(readOf), 200);
  const after = await countsOf(running, client);
  return (after.cacheBytes - before.cacheBytes) / others.length;
}

/** At a fixed rate for each instance; all of them read before what is read while it is measured. */
async function phase(
  world: World,
  client: Client,
  running: readonly Running[],
  readsPerSecond: number,
  writesPerSecond: number,
): Promise<Phase> {
  const asksFile = join(world.directory, 'simulate.asks');
  const [{ url }] = running as [Running];
  writeFileSync(asksFile, JSON.stringify(await asksOf(world, url, writesPerSecond / (readsPerSecond + writesPerSecond))));
  for (const one of running) await askAll(one.url, idsOf(world).map(readOf), 200);
  const load = (seconds: number): Promise<unknown> =>
    Promise.all(
      running.map((one) =>
        drive('an instance', world.directory, {
          url: one.url,
          connections: 8,
          seconds,
          ratePerSecond: readsPerSecond + writesPerSecond,
          source: { kind: 'asks', asksFile, status: 200 },
        }),
      ),
    );
  await load(WARM_UP_SECONDS);
  const before = await countsOf(running, client);
  await load(SECONDS);
  const after = await countsOf(running, client);
  return { before, after, seconds: (after.atMs - before.atMs) / 1_000 };
}

async function asksOf(world: World, url: string, writeShare: number): Promise<Ask[]> {
  const random = randomOf(1);
  const draw = drawOf({ items: ITEMS, exponent: ZIPF_EXPONENT });
  const ids = idsOf(world);
  const headers = { authorization: await login(url, world.admin), 'content-type': 'application/json' };
  return Array.from({ length: DRAWN }, (_, at): Ask => {
    const read = readOf(ids[draw(random())] as string);
    if (random() >= writeShare) return read;
    return { ...read, method: 'PATCH', headers, body: JSON.stringify({ stock: at }) };
  });
}

type Summed = 'polls' | 'pollSeconds' | 'misses' | 'loads' | 'writes' | 'ownCpuSeconds' | 'feedCpuSeconds';
const grown = ({ before, after }: Phase, of: Summed): number => after[of] - before[of];

/** Microseconds of PostgreSQL. */
const pollIn = (quiet: Phase): number => (1e6 * grown(quiet, 'feedCpuSeconds')) / grown(quiet, 'polls');
const changeIn = (mixed: Phase, poll: number, instances: number): number =>
  Math.max(0, 1e6 * grown(mixed, 'feedCpuSeconds') - poll * grown(mixed, 'polls')) / (grown(mixed, 'writes') * instances);

function seenIn(done: Phase, instances: number, isWithRedis: boolean, reads: number, writes: number): Seen {
  const rate = (of: Summed): number => rounded(grown(done, of) / done.seconds);
  return {
    instances,
    isWithRedis,
    readsPerSecond: reads * instances,
    writesPerSecond: writes * instances,
    items: ITEMS,
    exponent: ZIPF_EXPONENT,
    polls: rate('polls'),
    misses: rate('misses'),
    loads: rate('loads'),
    connections: done.after.connections,
    pollMs: rounded((1_000 * grown(done, 'pollSeconds')) / grown(done, 'polls')),
  };
}
