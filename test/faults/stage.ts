// One instance as a process, behind proxies of its own for PostgreSQL and Redis, which can be killed.
import { join } from 'node:path';
import { Instance, type InstanceSettings } from '../coherence/instance';
import { JWT_SECRET, type Servers, startServers } from '../coherence/servers';
import { TestApi } from '../support/api';
import { ask, type Asked, Load, type Outcome } from '../support/load';
import type { Form } from './row';
import { Traffic } from './traffic';

export interface Stage extends Servers {
  readonly instance: Instance;
  /** Another instance on the same database, inside this process. */
  readonly api: TestApi;
  readonly traffic: Traffic;
  /** Asks the instance; the clock runs until the answer is whole. */
  timed(asked: Asked): Promise<Timed>;
  /** What `/health/ready` says. */
  ready(): Promise<{ readonly status: number; readonly redis?: string }>;
}

export interface Timed {
  readonly status: number;
  readonly ms: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const BUILD = join(__dirname, '../../dist');
/** Whoever waits for longer has seen enough. */
const PATIENCE = 60_000;
const LOOK_MS = 5;

export async function onStage<Result>(
  story: (stage: Stage) => Promise<Result>,
  environment: InstanceSettings['environment'] = {},
): Promise<Result> {
  const servers = await startServers();
  let api: TestApi | undefined;
  let instance: Instance | undefined;
  try {
    api = await TestApi.on(servers.postgres.url, { migrate: true });
    const traffic = await Traffic.prepare(api, 'S');
    instance = await Instance.start({
      name: 'the instance',
      build: BUILD,
      databaseUrl: servers.postgres.url,
      redisPort: servers.redis.port,
      jwtSecret: JWT_SECRET,
      stalenessMs: 100,
      environment: { CACHE_MEMORY_MB: '64', ...environment },
    });
    const { port } = instance;
    const timed = async (asked: Asked): Promise<Timed> => {
      const startedAt = performance.now();
      return { ...(await ask(port, asked)), ms: performance.now() - startedAt };
    };
    const ready: Stage['ready'] = async () => {
      const { status, body } = await ask(port, { path: '/health/ready' });
      return { status, redis: (JSON.parse(body) as { redis?: string }).redis };
    };
    return await story({ ...servers, instance, api, traffic, timed, ready });
  } finally {
    await instance?.stop();
    await api?.close();
    await servers.stop();
  }
}

/** Load on the instance while something is told. */
export async function underLoad<Result>(
  { instance: { port }, traffic }: Stage,
  { perSecond }: Form,
  story: (load: Load) => Promise<Result>,
): Promise<{ readonly outcomes: readonly Outcome[]; readonly told: Result }> {
  const load = new Load(port, { perSecond }, traffic.ordinary);
  try {
    const told = await story(load);
    return { outcomes: load.outcomes, told };
  } finally {
    await load.stop();
  }
}

/** @returns milliseconds; Infinity when it did not come about */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<number> {
  const startedAt = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startedAt > PATIENCE) return Infinity;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return performance.now() - startedAt;
}

/** @param share of all, 0.99 for the p99 @returns milliseconds */
export function quantile(outcomes: readonly Pick<Outcome, 'ms'>[], share: number): number {
  const ascending = outcomes.map(({ ms }) => ms).sort((a, b) => a - b);
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? 0;
}
