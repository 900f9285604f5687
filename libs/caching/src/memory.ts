// The memory tier: bounded in bytes, dropped by tags. It has no clock and does no I/O.
import { Slot } from './fifo';
import { S3Fifo } from './s3-fifo';
import { TagIndex } from './tag-index';

/** What one thing kept in memory is made of. The tier adds nothing to it but its own bookkeeping. */
export interface Kept {
  /** Unique over all caches that share the memory. */
  readonly key: string;
  /** What it was built from: `table:id` for one row's state, `table` for any change of the table. */
  readonly tags: readonly string[];
  /** Its share of the budget, overhead included. */
  readonly bytes: number;
  /**
   * How often it was used since it was admitted, at most 3; counted by whoever serves it
   * (`if (kept.uses < 3) kept.uses++`), so that the hot path calls nothing.
   */
  uses: number;
}

const MAX_USES = 3;
const LARGEST_SHARE = 1 / 8;

export class Memory {
  private readonly slots = new Map<string, Slot<Kept>>();
  private readonly queues = new S3Fifo<Kept>(this.maxBytes);
  private readonly dependents = new TagIndex<Slot<Kept>>();
  private evicted = 0;

  /**
   * @param onLeave is told of everything that leaves, whatever the reason (replaced, dropped, evicted, cleared), once
   *   and when it has left; it must not throw, and must not change the memory
   */
  constructor(
    readonly maxBytes: number,
    private readonly onLeave: (kept: Kept) => void = () => {},
  ) {}

  /** Never more than `maxBytes`. */
  get bytes(): number {
    return this.queues.bytes;
  }

  get size(): number {
    return this.slots.size;
  }

  /** Tables and rows that something kept depends on. */
  get tagCount(): number {
    return this.dependents.size;
  }

  /** How many had to leave for want of room since the start. */
  get evictions(): number {
    return this.evicted;
  }

  /** Counts a use. */
  get(key: string): Kept | undefined {
    const kept = this.peek(key);
    if (kept && kept.uses < MAX_USES) kept.uses++;
    return kept;
  }

  /** Counts no use. */
  peek(key: string): Kept | undefined {
    return this.slots.get(key)?.held;
  }

  /**
   * Replaces what has the same key, which leaves even if the new one is refused. Whatever grows has to be set again.
   * @returns false when it was refused: larger than an eighth of the budget
   */
  set(kept: Kept): boolean {
    const replaced = this.slots.get(kept.key);
    const isWanted = replaced ? this.queues.isWanted(replaced) : this.queues.wasEvictedLately(kept.key);
    if (replaced) this.remove(replaced);
    if (kept.bytes > this.maxBytes * LARGEST_SHARE) return false;
    this.makeRoom(kept.bytes);
    const slot = new Slot(kept, kept.bytes);
    this.slots.set(kept.key, slot);
    this.dependents.add(slot, kept.tags);
    this.queues.add(slot, isWanted);
    return true;
  }

  delete(key: string): void {
    const slot = this.slots.get(key);
    if (slot) this.remove(slot);
  }

  /**
   * Something of this tag has changed: drops what was built from it. `table:id` also drops what depends on the table
   * as a whole; `table:*` drops everything that depends on any row of the table or on the table.
   */
  drop(tag: string): void {
    for (const slot of this.dependents.touchedBy(tag)) this.remove(slot);
  }

  clear(): void {
    for (const slot of this.slots.values()) this.remove(slot);
  }

  private makeRoom(bytes: number): void {
    while (this.bytes + bytes > this.maxBytes) {
      const victim = this.queues.victim();
      if (!victim) return;
      this.evicted++;
      this.remove(victim);
    }
  }

  private remove(slot: Slot<Kept>): void {
    this.slots.delete(slot.held.key);
    this.dependents.remove(slot, slot.held.tags);
    this.queues.remove(slot);
    this.onLeave(slot.held);
  }
}
