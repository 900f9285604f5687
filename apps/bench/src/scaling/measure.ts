// One to three real instances under a known load: what their polls and messages cost, and what the model must say, too.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { Server } from '../child';
import { drive } from '../drive';
import { checkMachine, modelOfCpu, moveToLoadCore } from '../machine';
import { type Ask, ask } from '../requests';
import { askPatiently } from './patience';
import { login, startService } from '../service';
import { createWorld, type World } from '../world';
import { ZIPF_EXPONENT } from '../zipf';
import { balancerCosts } from './balancers';
import { type Balancers, type Measured, rounded, type Seen } from './inputs';
import { drawOf } from './load';
import { changeIn, grown, type Phase, pollIn, rateOf, type Summed } from './phase';
import { freePort } from '../ports';
import { randomOf } from './random';
import { redisCosts } from './redis-costs';
import { countsOf, type Running } from './watch';

/** So few that all of them are read, written and read again while it is measured. */
const ITEMS = 50;
const MANY_ITEMS = 2_000;
/** Of each instance. */
const READS_PER_SECOND = 60;
const WRITES_PER_SECOND = 6;
const CALM_PER_SECOND = 20;
const WARM_UP_SECONDS = 5;
const SECONDS = 10;
const MARGIN_SECONDS = 3;
const DRAWN = 20_000;

const FLEETS: readonly { readonly count: number; readonly isWithRedis: boolean }[] = [
  { count: 1, isWithRedis: true },
  { count: 2, isWithRedis: true },
  { count: 2, isWithRedis: false },
  { count: 3, isWithRedis: true },
];

export async function measure(): Promise<Measured> {
  checkMachine(['taskset', 'redis-server']);
  moveToLoadCore();
  const world = await createWorld({ items: MANY_ITEMS });
  const client = new Client({ connectionString: world.databaseUrl });
  try {
    await client.connect();
    const seen: Seen[] = [];
    const calm: Phase[] = [];
    let [change, itemBytes, answerBytes] = [NaN, NaN, NaN];
    for (const { count, isWithRedis } of FLEETS) {
      const running = await startAll(world, count, isWithRedis);
      try {
        process.stderr.write(`${count} instances, ${isWithRedis ? 'Redis' : 'no Redis'}\n`);
        if (Number.isNaN(itemBytes)) {
          itemBytes = await bytesOf(world, running, client);
          answerBytes = await lengthOf(running, idsOf(world)[0] as string);
        }
        const quiet = await phase(world, client, running, CALM_PER_SECOND, 0);
        const mixed = await phase(world, client, running, READS_PER_SECOND, WRITES_PER_SECOND);
        seen.push(seenIn(quiet, count, isWithRedis));
        seen.push(seenIn(mixed, count, isWithRedis));
        if (isWithRedis) calm.push(quiet);
        if (isWithRedis) change = changeIn(mixed, pollIn(quiet), count);
      } catch (error) {
        // On a busy machine: the figures of the others stand.
        process.stderr.write(`not measured: ${(error as Error).message}\n`);
      } finally {
        for (const one of running) await one.stop();
      }
    }
    if (calm.length === 0) throw new Error('--measure: nothing could be measured; this machine is too busy.');
    const [alone] = calm as [Phase];
    return {
      from: `\`npm run simulate -- --measure\` on ${new Date().toISOString().slice(0, 10)}: ${modelOfCpu()}, ${cpus().length} cores, Node ${process.version}`,
      pollMs: rounded((1_000 * grown(alone, 'pollSeconds')) / grown(alone, 'polls')),
      poll: rounded(pollIn(calm.at(-1) as Phase)),
      change: rounded(change),
      ownPoll: rounded((1e6 * grown(alone, 'ownCpuSeconds')) / grown(alone, 'polls')),
      answerBytes,
      balancers: await balancersOf(world),
      ...(await redisCosts(Number(new URL(world.redisUrl).port))),
      itemBytes: Math.round(itemBytes),
      seen,
    };
  } finally {
    await client.end();
    await world.close();
  }
}

async function balancersOf(world: World): Promise<Balancers> {
  const [running] = await startAll(world, 1, true);
  if (!running) throw new Error('No instance was started.');
  try {
    const asks = idsOf(world).map(readOf);
    await askPatiently(running.url, asks);
    return await balancerCosts({ directory: world.directory, instance: new URL(running.url).host, asks });
  } finally {
    await running.stop();
  }
}

type Instance = Running & Pick<Server, 'stop'>;

async function startAll(world: World, count: number, isWithRedis: boolean): Promise<Instance[]> {
  const started: Instance[] = [];
  for (let at = 0; at < count; at++) {
    const port = await freePort();
    const environment = { ADMIN_PORT: String(port), ...(!isWithRedis && { REDIS_URL: '' }) };
    const server = await startService(world, { environment });
    started.push({ ...server, metricsUrl: `http://127.0.0.1:${port}/metrics` });
  }
  return started;
}

const idsOf = ({ ids }: World): readonly string[] => ids.slice(-ITEMS);
const readOf = (id: string): Ask => ({ path: `/v1/items/${id}` });

/** What an item takes that is kept both as a row and as an answer. */
async function bytesOf(world: World, running: readonly Running[], client: Client): Promise<number> {
  const [{ url }] = running as [Running];
  const others = world.ids.slice(0, -ITEMS);
  const before = await countsOf(running, client);
  for (let time = 0; time < 3; time++) await askPatiently(url, others.map(readOf));
  const after = await countsOf(running, client);
  return (after.cacheBytes - before.cacheBytes) / others.length;
}

/** Of an answer as it goes over the wire: status line, headers, body. */
async function lengthOf([first]: readonly Running[], id: string): Promise<number> {
  const { headers, body } = await ask((first as Running).url, readOf(id));
  const lines = Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
  return 'HTTP/1.1 200 OK\r\n'.length + lines + 2 + body.length;
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
  writeFileSync(
    asksFile,
    JSON.stringify(await asksOf(world, url, writesPerSecond / (readsPerSecond + writesPerSecond))),
  );
  for (const one of running) await askPatiently(one.url, idsOf(world).map(readOf));
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
  const loading = load(WARM_UP_SECONDS + SECONDS + MARGIN_SECONDS);
  let isOver = false;
  const over = (): void => void (isOver = true);
  loading.then(over, over);
  // The driver takes its time to start, and an instance that nobody asks does not poll.
  const start = await countsOf(running, client);
  for (let now = start; !isOver && now.reads === start.reads; now = await countsOf(running, client)) await delay(100);
  await delay(WARM_UP_SECONDS * 1_000);
  const before = await countsOf(running, client);
  await delay(SECONDS * 1_000);
  const after = await countsOf(running, client);
  await loading;
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

function seenIn(done: Phase, instances: number, isWithRedis: boolean): Seen {
  const rate = (of: Summed): number => rounded(rateOf(done, of));
  return {
    instances,
    isWithRedis,
    readsPerSecond: rate('reads'),
    writesPerSecond: rate('writes'),
    items: ITEMS,
    exponent: ZIPF_EXPONENT,
    polls: rate('polls'),
    misses: rate('misses'),
    loads: rate('loads'),
    connections: done.after.connections,
    pollMs: rounded((1_000 * grown(done, 'pollSeconds')) / grown(done, 'polls')),
  };
}
