// Reads and writes together, with the age of what the reads show: three in four read an item by id, the popular ones most.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from './child';
import type { Contestant } from './contest';
import { copyOfWorld } from './databases';
import { type Drive, type DriveResult, measuredDrive } from './drive';
import { peakMebibytesOf } from './machine';
import type { Options } from './options';
import { FASTIFY_PG_CACHED, fastifyPg, FLOODGATE, floodgate, NEST_MEMORY, nestInMemory } from './rivals';
import { atLeast, atMost, type Result, type Scenario, type Staleness } from './scenario';
import { login } from './service';
import type { Source } from './shots';
import { ratioOf, type Round, summaryOf } from './summary';
import type { World } from './world';

const MANY = 50_000;
/** Those of Nest's documentation. */
const NEST_TTL_MS = 5_000;
const SHORT_TTL_MS = 200;

export interface Mixed {
  readonly name: string;
  readonly server: Server;
  /** A new one for each load: it carries the login, and what it creates is new. */
  readonly source: () => Promise<Source>;
}

let sources = 0;

/** Each with a database of its own, and none with Redis: there is one instance of each. */
export async function startMixed(world: World): Promise<Mixed[]> {
  const url = (name: string, isLogged = false): Promise<string> => copyOfWorld(world, name, isLogged);
  const contestants = [
    nestInMemory(world, await url('mix_nest'), NEST_TTL_MS),
    fastifyPg(world, await url('mix_fastify'), SHORT_TTL_MS),
    floodgate(world, { DATABASE_URL: await url('mix_floodgate', true), REDIS_URL: '' }),
  ];
  const started: Mixed[] = [];
  try {
    for (const contestant of contestants) started.push(await mixedOf(world, contestant));
    return started;
  } catch (error) {
    await stopAll(started);
    throw error;
  }
}

export async function mixedOf(world: World, { name, start }: Contestant): Promise<Mixed> {
  const server = await start();
  const idsFile = join(world.directory, 'mix.ids');
  writeFileSync(idsFile, world.ids.slice(-MANY).join('\n'));
  const source = async (): Promise<Source> => ({
    kind: 'mix',
    idsFile,
    headers: name === FLOODGATE ? { authorization: await login(server.url, world.admin) } : {},
    prefix: `MIX-${process.pid}-${sources++}`,
  });
  return { name, server, source };
}

export const stopAll = async (mixed: readonly Mixed[]): Promise<void> => {
  for (const { server } of mixed) await server.stop();
};

export const mix: Scenario = {
  name: 'mix',
  title: `75 % reads by id of ${MANY} if there are that many, 15 % updates, 5 % lists, 5 % creates; popularity by Zipf, exponent 0.99`,
  run: async (world, options) => {
    const mixed = await startMixed(world);
    try {
      return await measure(mixed, world, options);
    } finally {
      await stopAll(mixed);
    }
  },
};

async function measure(mixed: readonly Mixed[], { directory }: World, options: Options): Promise<Result> {
  const { connections, seconds, warmUpSeconds } = options;
  const load = async ({ name, server, source }: Mixed, lasts: number) => {
    const plan: Drive = { url: server.url, connections, seconds: lasts, source: await source() };
    return measuredDrive(name, server.pid, directory, plan);
  };
  for (const one of mixed) await load(one, warmUpSeconds);
  const done = new Map(mixed.map((one) => [one, { rounds: [] as Round[], results: [] as DriveResult[] }]));
  for (let round = 0; round < options.rounds; round++)
    for (const one of round % 2 === 0 ? mixed : [...mixed].reverse()) {
      const measured = await load(one, seconds);
      done.get(one)?.rounds.push(measured.round);
      done.get(one)?.results.push(measured.result);
      process.stderr.write('.');
    }
  const [first] = [...done.values()];
  const summaries = [...done].map(([{ name, server }, { rounds }]) => ({
    ...summaryOf(name, rounds, first?.rounds ?? []),
    residentMebibytes: peakMebibytesOf(server.pid),
  }));
  const staleness = [...done].map(([{ name }, { results }]) => stalenessOf(name, results));
  const oldest = staleness.find(({ name }) => name === FLOODGATE)?.maxMs ?? NaN;
  const goals = [
    atLeast(`${FLOODGATE} / ${NEST_MEMORY}`, ratioOf(summaries, FLOODGATE, NEST_MEMORY), 3),
    atLeast(`${FLOODGATE} / ${FASTIFY_PG_CACHED}`, ratioOf(summaries, FLOODGATE, FASTIFY_PG_CACHED), 1.5),
    atMost(`the oldest that ${FLOODGATE} showed, in ms`, oldest, 100),
  ];
  return { summaries, staleness, goals };
}

/** The most, and of the percentiles the worst, that any round saw. */
function stalenessOf(name: string, results: readonly DriveResult[]): Staleness {
  const all = results.flatMap(({ staleness }) => staleness ?? []);
  const sum = (of: 'reads' | 'staleReads' | 'brokenReads'): number => all.reduce((total, one) => total + one[of], 0);
  const most = (of: 'p50Ms' | 'p99Ms' | 'maxMs'): number => Math.max(...all.map((one) => one[of]));
  return {
    name,
    reads: sum('reads'),
    staleReads: sum('staleReads'),
    brokenReads: sum('brokenReads'),
    p50Ms: most('p50Ms'),
    p99Ms: most('p99Ms'),
    maxMs: most('maxMs'),
  };
}
