// The row about an hour of ordinary load: nothing that is alive grows.
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { OpenLoop } from '../support/open-loop';
import { PASSWORD } from '../support/api';
import type { Asked } from '../support/load';
import { atLeast, type Figure, type Form, holds, none, type Row } from './row';
import { onStage, type Stage } from './stage';
import type { Traffic } from './traffic';

/** Of what a closed loop gets. */
const SHARE = 0.6;
const CALLERS = 16;
const PEAK_SECONDS = 10;
const PARTS = 60;
/** Until caches are full and code is compiled. */
const SETTLED_AFTER = PARTS / 3;
/** Small, so that it is full soon. */
const MEMORY_MB = 8;
const MIB = 2 ** 20;
/** Over the whole time, which is an hour in the full form. */
const MAX_GROWTH_MIB = 1;
/** Milliseconds that the service gets to close what its callers have closed. */
const QUIET_MS = 500;

interface Sample {
  readonly hours: number;
  readonly bytes: number;
  readonly handles: number;
}

/** Kept items, lists that nobody has asked for, new items, and changes; by a key that lasts. */
async function mixOf({ api, traffic }: Stage): Promise<(n: number) => Asked> {
  const wish = { name: 'Soak', scopes: ['read', 'write'], currentPassword: PASSWORD };
  const { body } = await api.request('POST', '/v1/api-keys', { as: traffic.owner, body: wish });
  const authorization = `Bearer ${(body as { key: string }).key}`;
  const asked = (n: number): Asked => (n % 10 === 7 ? changed(traffic, n) : traffic.ordinary(n));
  return (n) => {
    const { headers, ...one } = asked(n);
    return { ...one, headers: headers && { ...headers, authorization } };
  };
}

const changed = (traffic: Traffic, n: number): Asked => traffic.change(traffic.read(n), { stock: n });

/** MiB an hour by least squares. */
function slopeOf(samples: readonly Pick<Sample, 'hours' | 'bytes'>[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
  const [hours, bytes] = [mean(samples.map((one) => one.hours)), mean(samples.map((one) => one.bytes))];
  const spread = samples.reduce((sum, one) => sum + (one.hours - hours) ** 2, 0);
  const common = samples.reduce((sum, one) => sum + (one.hours - hours) * (one.bytes - bytes), 0);
  return common / spread / MIB;
}

async function soak(stage: Stage, probe: string, { minutes }: Form): Promise<Figure[]> {
  const next = await mixOf(stage);
  const url = `http://127.0.0.1:${stage.instance.port}`;
  const samples: Sample[] = [];
  const statuses = new Map<number, number>();
  let asked = 0;
  const withLoop = async <Value>(use: (loop: OpenLoop) => Promise<Value>): Promise<Value> => {
    const loop = new OpenLoop(url);
    return use(loop).finally(() => loop.close());
  };
  const peak = await withLoop((loop) => loop.most(next, CALLERS, PEAK_SECONDS));
  const startedAt = performance.now();
  for (let part = 0; part < PARTS; part++) {
    const seen = await withLoop((loop) => loop.run(() => next(asked++), peak * SHARE, (minutes * 60) / PARTS));
    for (const [status, count] of seen.statuses) statuses.set(status, (statuses.get(status) ?? 0) + count);
    await delay(QUIET_MS);
    const { bytes, handles } = JSON.parse(await text(connect(probe))) as Sample;
    samples.push({ hours: (performance.now() - startedAt) / 3_600_000, bytes, handles });
  }
  const most = (MAX_GROWTH_MIB * 60) / minutes;
  return [
    atLeast(`requests, ${(peak * SHARE).toFixed(0)} a second`, asked, 1),
    failuresOf(statuses),
    ...figuresOf(samples.slice(SETTLED_AFTER), most),
  ];
}

function failuresOf(statuses: ReadonlyMap<number, number>): Figure {
  const isSuccess = (status: number): boolean => status >= 200 && status < 300;
  const failures = [...statuses].filter(([status]) => !isSuccess(status));
  const failed = failures.reduce((sum, [, count]) => sum + count, 0);
  return none('failed requests', failed, Object.fromEntries(failures));
}

/** @param most MiB an hour */
export function figuresOf(samples: readonly Sample[], most: number): Figure[] {
  const half = Math.floor(samples.length / 2);
  // Of the least: what is never closed is there at each sample, and what happens to be open at one is no growth.
  const handlesOf = (some: readonly Sample[]): number => Math.min(...some.map(({ handles }) => handles));
  const [before, after] = [handlesOf(samples.slice(0, half)), handlesOf(samples.slice(half))];
  const mib = samples.map(({ bytes }) => bytes / MIB);
  const slope = slopeOf(samples);
  const bounds = `${Math.min(...mib).toFixed(1)} to ${Math.max(...mib).toFixed(1)} MiB`;
  return [
    holds('alive', `${slope.toFixed(2)} MiB/h (${bounds})`, `≤ ${most} MiB/h`, slope <= most),
    holds('handles', `${before}, then ${after}`, 'no more', after <= before),
  ];
}

export const OF_TIME: readonly Row[] = [
  {
    name: 'soak',
    fault: '60 minutes at 60 % load',
    programs: ['redis-server'],
    run: (form) => {
      const probe = join(tmpdir(), `floodgate-probe-${randomUUID()}.sock`);
      const environment = {
        NODE_OPTIONS: `--require ${join(__dirname, '../support/resources-reporter.cjs')}`,
        RESOURCES_PROBE: probe,
        CACHE_MEMORY_MB: String(MEMORY_MB),
      };
      return onStage((stage) => soak(stage, probe, form), environment);
    },
  },
];
