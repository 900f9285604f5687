// Rule R: what this process knows of the changes in the database, and whether something that was read earlier still holds.
import { sees, type Snapshot } from './snapshot';

/** The forgotten head of the queue is cut off so many changes at a time. */
const COMPACTED_AFTER = 1_000;

/** One row of the change log: a transaction, and what a statement of it changed: `table:id`, or `table:*` for many rows. */
export interface Change {
  readonly xid: number;
  readonly tags: readonly string[];
}

interface Xids {
  max: number;
  readonly all: Set<number>;
}

/** The table that a tag is about. */
export const tableOf = (tag: string): string => {
  const colon = tag.indexOf(':');
  return colon === -1 ? tag : tag.slice(0, colon);
};

export class KnownChanges {
  /** As of the last poll; undefined before the first. */
  snapshot?: Snapshot;

  /** Changes of transactions below this one may be unknown. */
  private floor = Infinity;
  /** Most tags have one transaction, for which a set would take more room than all the rest. */
  private readonly byTag = new Map<string, number | Xids>();
  /** Transactions all of whose changes are known. */
  private readonly whole = new Set<number>();
  private readonly queue: Change[] = [];
  private head = 0;
  private count = 0;

  /** @param maxTags tags that are remembered; beyond that the oldest are forgotten, and the floor rises */
  constructor(private readonly maxTags: number) {}

  get size(): number {
    return this.count;
  }

  /** Starts anew. @param floor every change of a transaction from this one on that the snapshot sees is in the list */
  begin(snapshot: Snapshot, floor: number, changes: readonly Change[]): void {
    this.byTag.clear();
    this.whole.clear();
    this.queue.length = this.head = this.count = 0;
    this.floor = floor;
    this.apply(snapshot, changes);
    // Of a transaction below the floor the list may have a part.
    for (const { xid } of changes) if (xid < floor) this.whole.delete(xid);
  }

  /** @param changes all that this snapshot sees and the previous one did not */
  apply(snapshot: Snapshot, changes: readonly Change[]): void {
    this.snapshot = snapshot;
    for (const change of changes) {
      this.whole.add(change.xid);
      this.queue.push(change);
      this.count += change.tags.length;
      for (const tag of change.tags) {
        this.remember(tag, change.xid);
        this.remember(tableOf(tag), change.xid);
      }
    }
    while (this.count > this.maxTags) this.forgetOldest();
  }

  /**
   * Whether something that was read after `snapshot` was taken, and was built from what `tags` name, is what would be read
   * now, as far as the last poll can tell. A tag names one row (`table:id`) or any row of a table (`table`).
   * @param asOf as far as an earlier poll could tell
   */
  covers(snapshot: Snapshot, tags: Iterable<string>, asOf?: Snapshot): boolean {
    if (!this.knowsAllSince(snapshot)) return false;
    for (const tag of tags) {
      if (!seesAll(snapshot, this.byTag.get(tag), asOf)) return false;
      const table = tableOf(tag);
      if (table !== tag && !seesAll(snapshot, this.byTag.get(`${table}:*`), asOf)) return false;
    }
    return true;
  }

  /** Unknown changes have ids below the floor; the snapshot must see those that have ended. */
  private knowsAllSince({ xmax, inProgress }: Snapshot): boolean {
    if (xmax < this.floor) return false;
    return inProgress.every(
      (xid) => xid >= this.floor || this.whole.has(xid) || this.snapshot?.inProgress.includes(xid) === true,
    );
  }

  private remember(tag: string, xid: number): void {
    const known = this.byTag.get(tag);
    if (known === undefined || known === xid) this.byTag.set(tag, xid);
    else if (typeof known === 'number') this.byTag.set(tag, { max: Math.max(known, xid), all: new Set([known, xid]) });
    else {
      known.all.add(xid);
      if (xid > known.max) known.max = xid;
    }
  }

  private forgetOldest(): void {
    const change = this.queue[this.head++] as Change;
    if (this.head === COMPACTED_AFTER) this.queue.splice(0, this.head);
    this.head %= COMPACTED_AFTER;
    this.count -= change.tags.length;
    this.floor = Math.max(this.floor, change.xid + 1);
    this.whole.delete(change.xid);
    for (const tag of change.tags)
      for (const one of [tag, tableOf(tag)]) {
        const known = this.byTag.get(one);
        if (known === change.xid) this.byTag.delete(one);
        else if (typeof known === 'object' && known.all.delete(change.xid) && known.all.size === 0)
          this.byTag.delete(one);
      }
  }
}

function seesAll(snapshot: Snapshot, known: number | Xids | undefined, asOf?: Snapshot): boolean {
  if (known === undefined) return true;
  if (typeof known === 'number') return sees(snapshot, known) || (asOf !== undefined && !sees(asOf, known));
  if (asOf) return ![...known.all].some((xid) => sees(asOf, xid) && !sees(snapshot, xid));
  if (known.max >= snapshot.xmax) return false;
  return !snapshot.inProgress.some((xid) => known.all.has(xid));
}
