// A queue in order of arrival that knows its bytes, and that may be left from the middle without a search.

export class Slot<T> {
  queue: Fifo<T> | undefined = undefined;
  older: Slot<T> | undefined = undefined;
  newer: Slot<T> | undefined = undefined;

  constructor(
    readonly held: T,
    readonly bytes: number,
  ) {}
}

export class Fifo<T> {
  oldest: Slot<T> | undefined = undefined;
  private newest: Slot<T> | undefined = undefined;
  bytes = 0;

  /** @param slot is in no queue */
  push(slot: Slot<T>): void {
    slot.queue = this;
    slot.older = this.newest;
    if (this.newest) this.newest.newer = slot;
    else this.oldest = slot;
    this.newest = slot;
    this.bytes += slot.bytes;
  }

  /** @param slot is in this queue */
  remove(slot: Slot<T>): void {
    if (slot.older) slot.older.newer = slot.newer;
    else this.oldest = slot.newer;
    if (slot.newer) slot.newer.older = slot.older;
    else this.newest = slot.older;
    // The young collection takes every old object for alive: through these, a dead slot would keep its neighbours.
    slot.queue = slot.older = slot.newer = undefined;
    this.bytes -= slot.bytes;
  }
}
