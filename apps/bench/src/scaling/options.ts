import { parseArgs } from 'node:util';
import { loadConfig } from '@app/config';
import type { Inputs } from './inputs';
import type { Load } from './load';

export interface Options {
  readonly instances: readonly number[];
  readonly load: Omit<Load, 'instances'>;
  readonly cacheMb: number;
  readonly postgresCores: number;
  readonly connections: number;
  readonly seed: number;
  readonly sample: number;
  readonly events: number;
  readonly isMeasured: boolean;
  readonly isPublished: boolean;
  readonly benchFile?: string;
  readonly jsonFile?: string;
  readonly plotFile?: string;
}

export const USAGE = `npm run simulate -- [options]   what a fleet asks of PostgreSQL and Redis: docs/scaling.md

  --instances LIST           how many, comma separated (1,3,10,30,100,300,1000)
  --requests-per-second N    reads by id, of all instances together (1000000)
  --write-rate N             changes of one item in a second, of all instances together (100)
  --items N                  items that are read and changed (100000)
  --zipf S                   exponent of their popularity (0.99)
  --staleness MS             CACHE_STALENESS_MS
  --cache-mb N               CACHE_MEMORY_MB
  --ttl SECONDS              time to live of what is kept (3600)
  --redis on|off             REDIS_URL is set (on)
  --postgres-cores N         cores of the primary (16)
  --connections N            max_connections (500)
  --seed N                   of the simulation (1)
  --sample N                 instances that are simulated in full (2)
  --events N                 that are counted (100000)
  --json FILE                the figures
  --plot FILE                an SVG
  --bench FILE               takes the costs of requests from that result of npm run bench, and keeps them
  --measure                  takes the other costs from real instances of this machine, and keeps them; needs redis-server
  --publish                  writes the tables of docs/scaling.md and docs/images/scaling.svg
`;

const VALUED = [
  'instances',
  'requests-per-second',
  'write-rate',
  'items',
  'zipf',
  'staleness',
  'cache-mb',
  'ttl',
  'redis',
  'postgres-cores',
  'connections',
  'seed',
  'sample',
  'events',
  'json',
  'plot',
  'bench',
] as const;

type Values = Partial<Record<(typeof VALUED)[number], string>>;

/** @throws Error with a sentence that names the option */
export function optionsOf(args: string[], { measured }: Inputs): Options {
  const valued = Object.fromEntries(VALUED.map((name) => [name, { type: 'string' as const }]));
  const flags = { measure: { type: 'boolean' }, publish: { type: 'boolean' } } as const;
  const { values } = parseArgs({ args, options: { ...valued, ...flags } });
  const given = values as Values & { measure?: boolean; publish?: boolean };
  const config = loadConfig({});
  const count = (name: keyof Values, usual: number, least = 1): number => countOf(name, given[name], usual, least);
  const cacheMb = count('cache-mb', config.cacheMemoryMb);
  return {
    instances: (given.instances ?? '1,3,10,30,100,300,1000').split(',').map((one) => countOf('instances', one, 1, 1)),
    load: {
      readsPerSecond: count('requests-per-second', 1_000_000),
      writesPerSecond: count('write-rate', 100, 0),
      items: count('items', 100_000),
      exponent: numberOf('zipf', given.zipf, 0.99),
      stalenessMs: count('staleness', config.cacheStalenessMs, 20),
      ttlMs: count('ttl', 3_600) * 1_000,
      kept: Math.floor((cacheMb * 2 ** 20) / measured.itemBytes),
      isWithRedis: onOrOff('redis', given.redis),
      pollMs: measured.pollMs,
    },
    cacheMb,
    postgresCores: count('postgres-cores', 16),
    connections: count('connections', 500),
    seed: count('seed', 1, 0),
    sample: count('sample', 2),
    events: count('events', 100_000),
    isMeasured: given.measure ?? false,
    isPublished: given.publish ?? false,
    benchFile: given.bench,
    jsonFile: given.json,
    plotFile: given.plot,
  };
}

function countOf(name: string, text: string | undefined, usual: number, least: number): number {
  const count = text === undefined ? usual : text.trim() === '' ? NaN : Number(text);
  if (!Number.isInteger(count) || count < least) throw new Error(`--${name} must be a whole number from ${least}.`);
  return count;
}

function numberOf(name: string, text: string | undefined, usual: number): number {
  const number = text === undefined ? usual : text.trim() === '' ? NaN : Number(text);
  if (!(number >= 0 && number < 10)) throw new Error(`--${name} must be a number from 0 to below 10.`);
  return number;
}

function onOrOff(name: string, text = 'on'): boolean {
  if (text !== 'on' && text !== 'off') throw new Error(`--${name} must be on or off.`);
  return text === 'on';
}
