// The figures of a fleet as tables: for the terminal and for docs/scaling.md.
import { type Table, shown } from '../tables';
import { trafficOf } from './arithmetic';
import type { Inputs, Seen } from './inputs';
import type { Load, Traffic } from './load';
import { firstOf, type Needs, needsOf } from './needs';
import type { Options } from './options';
import { type Simulated, simulate } from './simulation';

export interface Point {
  readonly instances: number;
  readonly computed: Traffic;
  readonly simulated: Simulated;
  readonly needs: Needs;
}

export function pointsOf(options: Options, inputs: Inputs): Point[] {
  return options.instances.map((instances) => {
    const load: Load = { ...options.load, instances };
    const simulated = simulate(load, options);
    return { instances, computed: trafficOf(load), simulated, needs: needsOf(load, simulated, inputs, options) };
  });
}

const percent = (share: number): string => `${shown(Math.round(share * 1_000) / 10)} %`;

/** Each figure as it is computed and, behind it, as it was simulated. */
export const trafficTable = (points: readonly Point[]): Table => {
  const both = (of: (one: Traffic) => number, { computed, simulated }: Point): string =>
    `${whole(of(computed))} · ${whole(of(simulated))}`;
  return {
    head: ['instances', 'polls/s', 'reads that memory lacks/s', 'loads/s', 'wake-ups sent/s'],
    rows: points.map((point) => [
      shown(point.instances),
      both(({ polls }) => polls, point),
      both(({ misses }) => misses, point),
      both(({ loads }) => loads, point),
      both(({ publishes }) => publishes, point),
    ]),
  };
};

const whole = (value: number): string => shown(Math.round(value));

export const needsTable = (points: readonly Point[]): Table => ({
  head: [
    'instances',
    'core of each',
    'PostgreSQL cores',
    'Redis core',
    'Redis commands/s',
    'wake-ups heard/s',
    'changes to feeds/s',
    'connections',
    'the most used',
  ],
  rows: points.map(({ instances, needs }) => [
    shown(instances),
    percent(needs.instance),
    shown(Math.round(needs.postgres * 100) / 100),
    percent(needs.redis),
    whole(needs.commands),
    whole(needs.deliveries),
    whole(needs.changes),
    whole(needs.connections),
    firstOf(needs),
  ]),
});

export const inputsTable = ({
  published,
  measured,
  measured: {
    balancers: { haproxy, nginx, kept },
  },
}: Inputs): Table => ({
  head: ['what', 'is', 'from'],
  rows: [
    ['CPU of an instance: a cached read', `${published.cached} µs`, 'A, `item`'],
    ['CPU of an instance: the same, 304', `${published.notModified} µs`, 'A, `not-modified`'],
    ['CPU of an instance: a read that is loaded', `${published.uncached} µs`, 'A, `uncached`'],
    ['CPU of an instance: a write', `${published.written} µs`, 'A, `api-writes`'],
    ['rows by key, one core of PostgreSQL, at least', `${shown(published.rowsPerSecond)} /s`, 'A, `uncached`'],
    ['single-row writes, one core of PostgreSQL, at least', `${shown(published.writesPerSecond)} /s`, 'A, `writes`'],
    ['CPU of PostgreSQL: a poll that finds nothing', `${measured.poll} µs`, 'B'],
    ['CPU of PostgreSQL: each change that a poll finds', `${measured.change} µs`, 'B'],
    ['CPU of an instance: a poll, at most', `${measured.ownPoll} µs`, 'B'],
    ['a poll, from its beginning to its answer', `${measured.pollMs} ms`, 'B'],
    ['CPU of Redis: GET, SET', `${measured.get}, ${measured.set} µs`, 'B'],
    ['CPU of Redis: PUBLISH, and each who hears it', `${measured.publish}, ${measured.delivery} µs`, 'B'],
    ['CPU of HAProxy, of nginx: a request that is passed on', `${shown(haproxy)}, ${shown(nginx)} µs`, 'B'],
    ['CPU of nginx: a request that its micro-cache answers', `${shown(kept)} µs`, 'B'],
    ['an answer with an item, headers and all', `${shown(measured.answerBytes)} bytes`, 'B'],
    ['memory for an item that was read by id', `${shown(measured.itemBytes)} bytes`, 'B'],
  ],
});

/** What real instances did, and what the model says of the same load. */
export function checkTable({ measured }: Inputs, { load, seed }: Options): Table {
  const rows = measured.seen.flatMap((seen) => {
    const { computed, simulated } = predictionOf(seen, load, seed);
    const name = `${seen.instances}, ${seen.isWithRedis ? 'Redis' : 'no Redis'}, ${shown(seen.writesPerSecond)} writes/s`;
    return (['polls', 'misses', 'loads'] as const).map((of) => [
      `${name}: ${of}/s`,
      shown(seen[of]),
      shown(computed[of]),
      shown(simulated[of]),
      percent(computed[of] / seen[of] - 1),
    ]);
  });
  return { head: ['instances', 'seen', 'computed', 'simulated', 'computed is off by'], rows };
}

const CHECK_EVENTS = 50_000;

function predictionOf(seen: Seen, load: Options['load'], seed: number): Pick<Point, 'computed' | 'simulated'> {
  const same: Load = { ...load, ...seen, kept: Infinity };
  return { computed: trafficOf(same), simulated: simulate(same, { seed, sample: 3, events: CHECK_EVENTS }) };
}
