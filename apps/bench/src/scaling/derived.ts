// What follows from the costs alone: what one machine serves, where each part ends, and what a million requests a second need.
import { SHARES_PACE } from '@app/database';
import { shown, type Table } from '../tables';
import { pollsOf } from './arithmetic';
import type { Inputs } from './inputs';
import { connectionsOf, ROOM } from './needs';
import type { Options } from './options';

const SECOND = 1_000_000;
const MILLION = 1_000_000;
const CORES = [2, 8, 32];
/** Ethernet, IP and TCP around an answer that fits into one packet, with the gap between packets. */
const FRAME_BYTES = 90;
/** Of a transaction of `shares.ts`: BEGIN, the lock, three statements and INSERT, COMMIT. */
const BEAT_ROUND_TRIPS = 6;

const whole = (value: number): string => shown(Math.round(value));
const cores = (value: number): string => shown(Math.round(value * 10) / 10);

/** Requests a second of one machine whose cores are used by 60 %. */
export function machineTable({ published, measured }: Inputs): Table {
  const { haproxy } = measured.balancers;
  const read = (hits: number): number => hits * published.cached + (1 - hits) * published.uncached;
  const mixed = (writes: number): number => (1 - writes) * read(0.99) + writes * published.written;
  const rows: [string, number][] = [
    ['all cached, WORKERS=auto', published.cached],
    ['all cached, HAProxy on the same machine', published.cached + (haproxy ?? NaN)],
    ['99 % cached', read(0.99)],
    ['90 % cached', read(0.9)],
    ['99 % cached, and one request in a hundred writes', mixed(0.01)],
    ['99 % cached, and one request in ten writes', mixed(0.1)],
  ];
  return {
    head: ['requests', 'µs each', ...CORES.map((count) => `${count} cores`)],
    rows: rows.map(([name, cost]) => [
      name,
      shown(Math.round(cost * 10) / 10),
      ...CORES.map((count) => whole((count * ROOM * SECOND) / cost)),
    ]),
  };
}

/** The number of instances, or of writes, at which a part is used as far as it may be. */
export function limitsTable(inputs: Inputs, { load, postgresCores, connections }: Options): Table {
  const { published, measured } = inputs;
  const postgres = postgresCores * ROOM * SECOND;
  const calm = pollsOf(load, 0, 0);
  const stormy = pollsOf(load, 1e6, 0);
  const lockMs = BEAT_ROUND_TRIPS * measured.pollMs;
  const heard = (writes: number): number => (ROOM * SECOND) / (writes * measured.delivery);
  const read = (writes: number): number => postgres / (writes * measured.change);
  return {
    head: ['part', 'gives way at', 'because'],
    rows: [
      [
        `connections, ${shown(connections)} in all`,
        `${whole(Math.floor(connections / connectionsOf()))} instances`,
        `${connectionsOf()} each`,
      ],
      [
        'the same, DATABASE_POOL_TOTAL',
        `${whole(Math.floor((connections - SHARES_PACE.least - 1) / SHARES_PACE.least))} instances`,
        `${SHARES_PACE.least} each, and ${SHARES_PACE.least + 1} kept free`,
      ],
      [
        'the lock of DATABASE_POOL_TOTAL',
        `${whole((ROOM * SHARES_PACE.beatMs) / lockMs)} instances`,
        `each holds it for ${shown(lockMs)} ms a second`,
      ],
      [
        'PostgreSQL by polls, nothing written',
        `${whole(postgres / (calm * measured.poll))} instances`,
        `${shown(calm)} polls/s each`,
      ],
      [
        'the same, woken all the time',
        `${whole(postgres / (stormy * measured.poll))} instances`,
        `${whole(stormy)} polls/s each`,
      ],
      ...[100, 1_000].flatMap((writes) => [
        [
          `PostgreSQL by changes, ${shown(writes)} writes/s`,
          `${whole(read(writes))} instances`,
          `each reads all: ${shown(measured.change)} µs a change`,
        ],
        [
          `Redis by wake-ups, ${shown(writes)} writes/s`,
          `${whole(heard(writes))} instances`,
          `each hears all: ${shown(measured.delivery)} µs each`,
        ],
      ]),
      [
        'PostgreSQL by writes',
        `${whole(postgresCores * ROOM * published.writesPerSecond)} writes/s`,
        `${shown(published.writesPerSecond)} /s a core`,
      ],
      [
        'PostgreSQL by loads',
        `${whole(postgresCores * ROOM * published.rowsPerSecond)} rows/s`,
        `${shown(published.rowsPerSecond)} /s a core`,
      ],
    ],
  };
}

export function millionTable({ published, measured }: Inputs, { load }: Options): Table {
  const { haproxy, nginx, kept } = measured.balancers;
  const of = (cost: number | null): number => ((cost ?? NaN) * MILLION) / SECOND / ROOM;
  const instances = Math.ceil(of(published.cached));
  const bits = (bytes: number): number => ((bytes + FRAME_BYTES) * 8 * MILLION) / 1e9;
  const polls = instances * pollsOf(load, 0, 0);
  return {
    head: ['a million cached reads a second', 'need', 'which is'],
    rows: [
      ['instances of one core each', whole(instances), `${published.cached} µs × 10⁶ / ${ROOM}`],
      [
        'the same, where clients know entity tags',
        whole(Math.ceil(of(published.notModified))),
        `${published.notModified} µs × 10⁶ / ${ROOM}`,
      ],
      ['cores of HAProxy in front', cores(of(haproxy)), `${shown(haproxy)} µs × 10⁶ / ${ROOM}`],
      ['or cores of nginx', cores(of(nginx)), `${shown(nginx)} µs × 10⁶ / ${ROOM}`],
      ['or cores of nginx that answers from its micro-cache', cores(of(kept)), `${shown(kept)} µs × 10⁶ / ${ROOM}`],
      [
        'bytes on the wire',
        `${shown(bits(measured.answerBytes))} Gbit/s`,
        `(${measured.answerBytes} + ${FRAME_BYTES}) bytes × 8 × 10⁶`,
      ],
      ['connections to PostgreSQL', whole(instances * connectionsOf()), `${whole(instances)} × ${connectionsOf()}`],
      ['polls a second, nothing written', whole(polls), `${whole(instances)} × ${shown(pollsOf(load, 0, 0))}`],
      [
        'cores of PostgreSQL for them',
        shown((polls * measured.poll) / SECOND),
        `${whole(polls)} × ${measured.poll} µs`,
      ],
    ],
  };
}
