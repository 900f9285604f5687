// The row about more distinct questions than fit: memory and Redis stay within what they were given.
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { ask } from '../support/load';
import { freePort } from '../support/redis';
import { atLeast, type Figure, type Form, holds, none, type Row } from './row';
import { onStage, type Stage } from './stage';

const CALLERS = 8;
const PAUSE_MS = 20;
const MEMORY_MB = 4;
const MIB = 2 ** 20;

/** Each asks for a list that nobody has asked for, as soon as it has the one before; what is refused as too much, again. */
async function askForAll(port: number, keys: number): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  let next = 0;
  let failed = 0;
  const caller = async (): Promise<void> => {
    while (next < keys) {
      const path = `/v1/items?limit=1&priceMax=${1_000_000 + next++}`;
      const statusOf = async (): Promise<number> =>
        (await ask(port, { path }, agent).catch(() => ({ status: 0 }))).status;
      let status = await statusOf();
      for (; status === 503; status = await statusOf()) await delay(PAUSE_MS);
      if (status !== 200) failed++;
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  agent.destroy();
  return failed;
}

async function distinct({ instance, redis }: Stage, adminPort: number, { keys }: Form): Promise<Figure[]> {
  const failed = await askForAll(instance.port, keys);
  const metrics = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  const bytes = Number(/^cache_memory_bytes (\S+)/m.exec(metrics)?.[1]);
  const evicted = [...metrics.matchAll(/^cache_evictions_total\S* (\S+)/gm)].reduce(
    (sum, [, one]) => sum + Number(one),
    0,
  );
  const keyspace = String(await redis.send('INFO', 'keyspace'));
  const [, kept = '0', ending = '0'] = /keys=(\d+),expires=(\d+)/.exec(keyspace) ?? [];
  return [
    atLeast('keys', keys, keys),
    none('failed requests', failed),
    holds('in memory', `${(bytes / MIB).toFixed(1)} MiB`, `≤ ${MEMORY_MB} MiB`, bytes <= MEMORY_MB * MIB),
    atLeast('evicted', evicted, 1),
    atLeast('keys of Redis', Number(kept), 1),
    none('of these without an end', Number(kept) - Number(ending)),
  ];
}

export const OF_KEYS: readonly Row[] = [
  {
    name: 'distinct-keys',
    fault: '1 million distinct keys (20,000 in the short form)',
    programs: ['redis-server'],
    run: async (form) => {
      const adminPort = await freePort();
      const environment = { ADMIN_PORT: String(adminPort), CACHE_MEMORY_MB: String(MEMORY_MB) };
      return onStage((stage) => distinct(stage, adminPort, form), environment);
    },
  },
];
