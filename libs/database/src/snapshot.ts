// PostgreSQL's snapshots as values: which transactions a reader sees (documentation, "Transaction ID and snapshot functions").

/**
 * What a statement sees: every transaction below `xmin`, none from `xmax` on, and of those between all but the ones that
 * were in progress. Ids are xid8, which never wrap; they stay far below 2^53.
 */
export interface Snapshot {
  readonly xmin: number;
  readonly xmax: number;
  readonly inProgress: readonly number[];
}

/** @param text `pg_current_snapshot()::text`, for example `100:104:100,102`; undefined when it is no such text */
export function parseSnapshot(text: string): Snapshot | undefined {
  const [, xmin, xmax, list] = /^(\d{1,16}):(\d{1,16}):((?:\d{1,16}(?:,\d{1,16})*)?)$/.exec(text) ?? [];
  if (xmin === undefined || xmax === undefined) return undefined;
  return { xmin: Number(xmin), xmax: Number(xmax), inProgress: list ? list.split(',').map(Number) : [] };
}

export const textOfSnapshot = ({ xmin, xmax, inProgress }: Snapshot): string =>
  `${xmin}:${xmax}:${inProgress.join(',')}`;

/** Whether a transaction had ended when the snapshot was taken. */
export const sees = ({ xmin, xmax, inProgress }: Snapshot, xid: number): boolean =>
  xid < xmin || (xid < xmax && !inProgress.includes(xid));

/** Whether a transaction below the floor, all of which have ended, might not have ended for the snapshot. */
export const knowsLessThan = ({ xmax, inProgress }: Snapshot, floor: number): boolean =>
  xmax < floor || inProgress.some((xid) => xid < floor);
