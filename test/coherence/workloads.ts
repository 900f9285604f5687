// What the readers ask for, what is written and what goes wrong, in each part of the check.
import { FAULTS, type FaultName } from './faults';
import type { Workload } from './phase';
import type { ReaderGroup } from './readers';

const FAST: ReaderGroup = {
  connections: 4,
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
export const STORMY: Omit<Workload, 'faults'> = {
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
  faults: [],
};

export const ALL_FAULTS = Object.keys(FAULTS) as FaultName[];
/** Of the short form. */
export const TWO_FAULTS: readonly FaultName[] = ['instance killed', 'polls frozen'];

const SINGLE_READS = { depth: 1, pauseMs: 2 } as const;

/** Polls that hang: what is in memory must not be trusted for longer than the lease. */
export const FROZEN: Workload = {
  readers: [{ connections: 4, mix: { item: 1 }, ...SINGLE_READS }],
  writes: { single: 150 },
  faults: ['polls frozen'],
};

/** Transactions that commit late, among many that commit at once. */
export const LATE: Workload = {
  readers: [{ connections: 4, mix: { item: 1 }, ...SINGLE_READS }],
  writes: { single: 60, held: 20 },
  faults: [],
};

/** Loads that take longer than the lease, of few things that are asked for and written all the time. */
export const SLOW: Workload = {
  readers: [{ connections: 20, mix: { hottest: 1 }, ...SINGLE_READS }],
  writes: { hottest: 10 },
  faults: ['loads very slow'],
};

/** Many changes, more than are remembered, of things that are read seldom and lie in Redis meanwhile. */
export const RARE: Workload = {
  readers: [{ connections: 4, mix: { cold: 4, item: 1 }, ...SINGLE_READS }],
  writes: { single: 60, flood: 1 },
  faults: ['instance killed'],
};
