// Whether one read kept the promise. Pure.
import type { Register } from './history';

/** What a read showed of one register. */
export interface Sighting {
  readonly register: Register;
  readonly rank: number;
}

/** A write that the read must not miss, however young it is. */
export interface Floor extends Sighting {
  /** The read carried the write's token, or came over the connection that wrote. */
  readonly because: 'token' | 'own write';
}

export interface Read {
  /** Just before it was given to the socket. */
  readonly sentAt: number;
  readonly floors: readonly Floor[];
}

export interface Fault {
  readonly because: 'staleness' | Floor['because'];
  readonly register: Register;
  readonly seen: number;
  readonly expected: number;
  /** Milliseconds between the acknowledgment of the oldest write that is missed and the read. */
  readonly staleness: number;
}

export interface Verdict {
  /** Of the stalest thing that the read showed, in milliseconds. */
  readonly staleness: number;
  readonly fault?: Fault;
}

const FRESH: Verdict = { staleness: 0 };

export function judge({ sentAt, floors }: Read, sightings: readonly Sighting[], maxStalenessMs: number): Verdict {
  let staleness = 0;
  let fault: Fault | undefined;
  for (const { register, rank: seen } of sightings) {
    const age = register.staleness(seen, sentAt);
    staleness = Math.max(staleness, age);
    if (age > maxStalenessMs)
      fault ??= { because: 'staleness', register, seen, expected: register.rank, staleness: age };
    for (const floor of floors)
      if (floor.register === register && seen < floor.rank)
        fault ??= { because: floor.because, register, seen, expected: floor.rank, staleness: age };
  }
  return staleness === 0 && fault === undefined ? FRESH : { staleness, fault };
}
