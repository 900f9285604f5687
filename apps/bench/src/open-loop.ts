// Latency at fixed rates, the same for every server: it counts from the moment when a request was due.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from './child';
import { drive } from './drive';
import { startMixed, stopAll } from './mix';
import type { Options } from './options';
import { hotItems, keptReply } from './reads';
import { askAll, type Reply } from './requests';
import { floodgate, nestInMemory, nestOnRedis, nodeHttp } from './rivals';
import type { Latencies, Result, Scenario } from './scenario';
import { startService } from './service';
import type { Source } from './shots';
import type { World } from './world';

/** Of the speed of the slowest. */
const SHARES = [0.5, 0.8];
/** More than are ever busy unless a server stalls. */
const CONNECTIONS = 256;

interface Target {
  readonly name: string;
  readonly server: Server;
  readonly source: () => Source | Promise<Source>;
}

export const openLoopReads: Scenario = {
  name: 'latency',
  isLong: true,
  title: 'hot items by id at fixed rates, the same for all',
  run: async (world, options) => {
    const reply = await scout(world);
    const contestants = [
      nodeHttp(world, reply),
      floodgate(world),
      nestInMemory(world, world.databaseUrl),
      nestOnRedis(world, world.databaseUrl),
    ];
    const asksFile = join(world.directory, 'latency.asks');
    writeFileSync(asksFile, JSON.stringify(hotItems(world)));
    const targets: Target[] = [];
    try {
      for (const { name, start } of contestants) {
        const server = await start();
        targets.push({ name, server, source: () => ({ kind: 'asks', asksFile, status: 200 }) });
        await askAll(server.url, hotItems(world), 200);
      }
      return await measure(targets, world, options, true);
    } finally {
      for (const { server } of targets) await server.stop();
    }
  },
};

export const openLoopMix: Scenario = {
  name: 'latency-mix',
  title: 'the mix at fixed rates, the same for all',
  isLong: true,
  run: async (world, options) => {
    const targets = await startMixed(world);
    try {
      return await measure(targets, world, options, false);
    } finally {
      await stopAll(targets);
    }
  },
};

async function scout(world: World): Promise<Reply> {
  const server = await startService(world);
  try {
    return await keptReply(server, hotItems(world)[0]!);
  } finally {
    await server.stop();
  }
}

async function measure(
  targets: readonly Target[],
  { directory }: World,
  { connections, seconds, warmUpSeconds, rounds, isQuick }: Options,
  isPrecise: boolean,
): Promise<Result> {
  let slowest = Infinity;
  for (const { name, server, source } of targets) {
    const plan = { url: server.url, connections, seconds: warmUpSeconds };
    if (!isQuick) await drive(name, directory, { ...plan, source: await source() });
    const { requests, seconds: lasted } = await drive(name, directory, { ...plan, source: await source() });
    slowest = Math.min(slowest, requests / lasted);
  }
  const rates = SHARES.map((share) => Math.round((slowest * share) / 100) * 100);
  const rows: Latencies[] = [];
  for (const perSecond of rates)
    for (const { name, server, source } of targets) {
      const lasts = {
        connections: CONNECTIONS,
        seconds: isQuick ? seconds : seconds * rounds,
        ratePerSecond: perSecond,
        isPrecise,
      };
      const result = await drive(name, directory, { url: server.url, ...lasts, source: await source() });
      const { p50Ms, p90Ms, p99Ms, p999Ms, maxMs } = result;
      rows.push({ name, perSecond, p50Ms, p90Ms, p99Ms, p999Ms, maxMs });
      process.stderr.write('.');
    }
  return { latencies: rows, figures: [{ name: 'the slowest can do', value: slowest, unit: 'req/s' }] };
}
