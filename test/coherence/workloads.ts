// What the readers ask for, what is written and what goes wrong, in each part of the check.
import { FAULTS, type FaultName } from './faults';
import type { Workload } from './phase';
import type { ReaderGroup } from './readers';
import type { Weather } from './storm';

const CLEAR: Weather = { faults: [], pauseMs: [0, 0] };
const only = (fault: FaultName): Weather => ({ faults: [fault], pauseMs: [50, 500] });

const FAST: ReaderGroup = {
  connections: 6,
  mix: { item: 70, token: 12, conditional: 12, head: 3, sku: 3 },
  depth: 16,
  pauseMs: 0,
};

const WIDE: ReaderGroup = {
  connections: 2,
  mix: { item: 20, token: 10, cold: 20, sku: 10, slot: 30, slots: 2, batch: 8, list: 4, profile: 10, account: 4 },
  depth: 2,
  pauseMs: 30,
};

/** All kinds of reads and writes. */
export const STORMY: Omit<Workload, 'weather'> = {
  readers: [FAST, WIDE],
  writes: {
    ...{ api: 20, single: 25, several: 2, psql: 0.5, held: 6, bulk: 0.05, flood: 0.1 },
    ...{ owners: 3, accounts: 1, slots: 12 },
  },
};

/** The same, mostly through the API: what others write wakes nobody up, and comes to light with the next regular poll. */
export const CALM: Workload = {
  readers: [FAST, WIDE],
  writes: { api: 40, single: 2, psql: 0.5, held: 1, owners: 0.5, accounts: 0.5, slots: 4 },
  weather: CLEAR,
};

/** Every fault, and between them time for many reads. */
export const ALL_FAULTS: Weather = { faults: Object.keys(FAULTS) as FaultName[], pauseMs: [100, 4_000] };
/** Of the short form. */
export const TWO_FAULTS: Weather = { faults: ['instance killed', 'polls frozen'], pauseMs: [50, 1_000] };

const SINGLE_READS = { depth: 1, pauseMs: 2 } as const;

/** Polls that hang: what is in memory must not be trusted for longer than the lease. */
export const FROZEN: Workload = {
  readers: [{ connections: 4, mix: { item: 1 }, ...SINGLE_READS }],
  writes: { single: 150 },
  weather: only('polls frozen'),
};

/** Transactions that commit late, among many that commit at once. */
export const LATE: Workload = {
  readers: [{ connections: 4, mix: { item: 1 }, ...SINGLE_READS }],
  writes: { single: 60, held: 20 },
  weather: CLEAR,
};

/** Loads that take longer than the lease, of few things that are asked for and written all the time. */
export const SLOW: Workload = {
  readers: [{ connections: 20, mix: { hottest: 1 }, ...SINGLE_READS }],
  writes: { hottest: 10 },
  weather: only('loads very slow'),
};

/** Many changes, more than are remembered, of things that are read seldom and lie in Redis meanwhile. */
export const RARE: Workload = {
  readers: [{ connections: 4, mix: { cold: 4, item: 1 }, ...SINGLE_READS }],
  writes: { single: 60, flood: 1 },
  weather: only('instance killed'),
};
