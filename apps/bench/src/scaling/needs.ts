// What a fleet needs for its traffic, and what gives way first.
import { REDIS_HEARTBEAT_MS } from '@app/caching';
import { loadConfig } from '@app/config';
import type { Inputs } from './inputs';
import type { Load, Traffic } from './load';

export interface Limits {
  readonly postgresCores: number;
  readonly connections: number;
}

export interface Needs {
  /** Of one core, at each instance. */
  readonly instance: number;
  /** Cores. */
  readonly postgres: number;
  /** Of the one core that Redis has for commands. */
  readonly redis: number;
  readonly connections: number;
  /** Commands and messages of Redis in a second. */
  readonly commands: number;
  readonly deliveries: number;
  /** Rows of the change log that PostgreSQL sends to all feeds in a second. */
  readonly changes: number;
  /** By name, the share that is used; what is highest gives way first. */
  readonly used: Readonly<Record<'instances' | 'PostgreSQL' | 'Redis' | 'connections', number>>;
}

/** How far a core may be used: the rest is for what comes in bursts. */
export const ROOM = 0.6;

/** Of one instance, unless they share what there is (DATABASE_POOL_TOTAL). */
export function connectionsOf(): number {
  const { databasePool, databaseLanes } = loadConfig({});
  return databasePool + databaseLanes + 1;
}

export function needsOf(load: Load, traffic: Traffic, { published, measured }: Inputs, limits: Limits): Needs {
  const { instances, readsPerSecond, writesPerSecond, isWithRedis } = load;
  const { polls, misses, loads, publishes } = traffic;
  const changes = instances * writesPerSecond;
  const second = 1_000_000;
  const service =
    Math.max(0, readsPerSecond - misses) * published.cached +
    misses * published.uncached +
    writesPerSecond * published.written +
    polls * measured.ownPoll;
  const postgres =
    (polls * measured.poll + changes * measured.change) / second +
    loads / published.rowsPerSecond +
    writesPerSecond / published.writesPerSecond;
  const [gets, sets] = isWithRedis ? [misses, loads] : [0, 0];
  const deliveries = publishes * instances;
  const pings = isWithRedis ? (instances * 2 * 1_000) / REDIS_HEARTBEAT_MS : 0;
  const redis =
    (gets + pings) * measured.get + sets * measured.set + publishes * measured.publish + deliveries * measured.delivery;
  const needs = {
    instance: service / second / instances,
    postgres,
    redis: redis / second,
    connections: instances * connectionsOf(),
    commands: gets + sets + pings + publishes,
    deliveries,
    changes,
  };
  return { ...needs, used: usedOf(needs, limits) };
}

const usedOf = (
  { instance, postgres, redis, connections }: Pick<Needs, 'instance' | 'postgres' | 'redis' | 'connections'>,
  limits: Limits,
): Needs['used'] => ({
  instances: instance / ROOM,
  PostgreSQL: postgres / (limits.postgresCores * ROOM),
  Redis: redis / ROOM,
  connections: connections / limits.connections,
});

/** What gives way first, in words. */
export function firstOf({ used }: Needs): string {
  const [[name, share] = ['', 0]] = Object.entries(used).sort(([, one], [, other]) => other - one);
  return `${name} ${Math.round(share * 100)} %`;
}
