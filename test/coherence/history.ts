// What was written and acknowledged, on one monotonic clock, and how old that makes what a read shows. Pure.

/** The rank of a state that nothing follows: deleted. Ranks of the states before are versions; absent yet is 0. */
export const GONE = Infinity;

interface Write {
  readonly rank: number;
  readonly ackedAt: number;
}

/** Far more than are written while a read is under way. */
const MAX_KEPT = 256;

/** Something that only ever moves on: absent, version 1, 2, 3 …, gone. */
export class Register {
  /** Rising in rank and in time: an acknowledgment of less than is acknowledged already says nothing new. */
  private readonly writes: Write[] = [];
  /** Somebody has begun to delete it: a read may find it gone. */
  private isGoing = false;

  constructor(readonly name: string) {}

  /** The highest rank that was acknowledged. */
  get rank(): number {
    return this.writes.at(-1)?.rank ?? 0;
  }

  acknowledge(rank: number, ackedAt: number): void {
    if (rank <= this.rank) return;
    this.writes.push({ rank, ackedAt });
    if (this.writes.length > 2 * MAX_KEPT) this.writes.splice(0, MAX_KEPT);
  }

  beginRemoval(): void {
    this.isGoing = true;
  }

  /** The rank of an answer that has just come and says that there is no such thing: of two absences the later that can be. */
  get rankOfAbsence(): number {
    return this.isGoing ? GONE : 0;
  }

  /** How long before the read was sent the oldest write that it misses had been acknowledged: 0 if it misses none. */
  staleness(seen: number, sentAt: number): number {
    let missed: Write | undefined;
    for (let index = this.writes.length - 1; index >= 0; index--) {
      const write = this.writes[index] as Write;
      if (write.rank <= seen) break;
      missed = write;
    }
    return missed === undefined ? 0 : Math.max(0, sentAt - missed.ackedAt);
  }
}

/** Something that changes between states and may come back to one: whom a name stands for. One writer at a time. */
export class StateRegister<State> {
  /** Its ranks count the changes. */
  readonly changes: Register;
  private readonly states: { readonly rank: number; readonly state: State }[];

  constructor(
    readonly name: string,
    initial: State,
  ) {
    this.changes = new Register(name);
    this.states = [{ rank: 0, state: initial }];
  }

  /** As the writer has left it. */
  get state(): State {
    return this.states.at(-1)?.state as State;
  }

  /** From now on a read may show the new state. */
  begin(state: State): void {
    this.states.push({ rank: (this.states.at(-1)?.rank ?? 0) + 1, state });
    if (this.states.length > 2 * MAX_KEPT) this.states.splice(0, MAX_KEPT);
  }

  acknowledge(ackedAt: number): void {
    this.changes.acknowledge(this.states.at(-1)?.rank ?? 0, ackedAt);
  }

  /** The rank of an answer that has just come and shows this state: the latest that can be; -1 if there never was one. */
  rankOf(state: State): number {
    return this.states.findLast((one) => one.state === state)?.rank ?? -1;
  }
}
