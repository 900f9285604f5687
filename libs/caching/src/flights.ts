// What is on its way to a cache.
import { type ChangeFeed, Crowd, type Snapshot } from '@app/database';
import { Found } from './found';

/** Keys on their way from Redis or from the database, for all who ask for them meanwhile. */
export class Flight<V> {
  /** The feed's snapshot before the load began; undefined while it has not begun. */
  snapshot?: Snapshot;
  isLoading = false;
  /** All who wait for it. */
  readonly crowd = new Crowd();
  /** Set when it departs. */
  landed!: Promise<Landed<V>>;

  constructor(
    public generation: number,
    /** It takes from Redis what holds for whoever asked first, and may not hold for one who came later. */
    readonly mayBeShared: boolean,
  ) {}

  /** From now on it reads from the database. */
  load({ snapshot, generation }: Pick<ChangeFeed, 'snapshot' | 'generation'>): void {
    this.isLoading = true;
    this.generation = generation;
    this.snapshot = snapshot;
  }
}

/** What was found under each of a flight's keys; under the only one that it has, maybe just that. */
type Landed<V> = ReadonlyMap<string, Found<V>> | Found<V>;

export class Flights<V> {
  private readonly byKey = new Map<string, Flight<V>>();

  /** The latest that has this key. */
  get(key: string): Flight<V> | undefined {
    return this.byKey.get(key);
  }

  /** It can be joined until it has landed. */
  depart(keys: readonly string[], flight: Flight<V>, landed: Promise<Landed<V>>): void {
    flight.landed = landed;
    for (const key of keys) this.byKey.set(key, flight);
    const land = (): void => {
      for (const key of keys) if (this.byKey.get(key) === flight) this.byKey.delete(key);
    };
    landed.then(land, land);
  }
}

/** One more waits for it. */
export function joined<V>(flight: Flight<V>): Flight<V> {
  flight.crowd.join();
  return flight;
}

/** @param key one of those that the flight has */
export const foundIn = <V>(landed: Landed<V>, key: string): Found<V> =>
  landed instanceof Found ? landed : (landed.get(key) as Found<V>);
