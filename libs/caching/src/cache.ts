// One cache: memory, then Redis, then the loader; a value is given only if rule R holds for it (docs/freshness.md).
import { Provenance, provenance, type Snapshot, tracing } from '@app/database';
import { Counts } from './counts';
import { Flight, Flights, foundIn, joined } from './flights';
import type { Found } from './found';
import { Keeper } from './keeper';
import { keyOf } from './keys';
import type { Ground } from './ground';
import { type Loader, loaderOfOne } from './loader';
import type { Terms } from './policy';

export class Cache<V> {
  readonly counts = new Counts();
  private readonly flights = new Flights<V>();
  private readonly keeper: Keeper<V>;

  constructor(
    private readonly terms: Terms<V>,
    private readonly ground: Ground,
  ) {
    this.keeper = new Keeper(terms, ground);
  }

  /**
   * The value of a key; undefined: there is none. Frozen, since it is shared.
   * @param key an object stands for its members, in any order
   * @param load needed unless the cache was opened with a loader
   */
  async get(key: string | object, load?: () => Promise<V | undefined>): Promise<V | undefined> {
    const text = keyOf(key);
    const kept = this.atHand(text);
    if (kept) return kept.value;
    const found = await this.find([text], load ? loaderOfOne(text, load) : this.loader());
    return found.get(text)?.value;
  }

  /** The values of those keys that have one. */
  async getMany(keys: readonly string[]): Promise<Map<string, V>> {
    const found = await this.find(keys, this.loader());
    return new Map(
      [...found.values()].flatMap(({ key, value }) => (value === undefined ? [] : [[this.keeper.own(key), value]])),
    );
  }

  /** Whether a value depends on one row and on nothing else. */
  get isOfRows(): boolean {
    return this.terms.isOfRows && this.terms.loader?.isTraced === false;
  }

  /**
   * What is known under a key, with what it was built from; a promise when it is not in memory. The feed must be fresh for whoever
   * arrived then, and he in no transaction.
   */
  seek(key: string, arrivedAt: number): Found<V> | Promise<Found<V>> {
    const kept = this.keeper.inMemory(key);
    if (kept) this.counts.memory++;
    return kept ?? this.fetch(key, arrivedAt);
  }

  /** Whether asking for a key costs nothing more: it is in memory, or will be. */
  expects = (key: string): boolean => this.flights.get(key) !== undefined || this.peek(key) !== undefined;

  /** What is kept under a key, whether or not it may be shown now. */
  peek = (key: string): Found<V> | undefined => this.keeper.peek(key);

  private fetch(key: string, arrivedAt: number): Promise<Found<V>> {
    const loader = this.loader();
    if (this.flights.get(key)) return this.find([key], loader).then((found) => found.get(key) as Found<V>);
    if (loader.loadOne && !this.ground.shared) return this.flyAlone(key, loader.loadOne);
    return this.depart([key], loader, arrivedAt).landed.then((landed) => foundIn(landed, key));
  }

  /** A load of one key that reads nothing but its row: without what several keys, Redis and other caches need. */
  private flyAlone(key: string, load: NonNullable<Loader<V>['loadOne']>): Promise<Found<V>> {
    const flight = new Flight<V>(this.ground.feed.generation, false);
    flight.load(this.ground.feed);
    this.counts.loaded++;
    const landed = load(key).then((value) => this.keeper.keep(key, value, [], flight));
    this.flights.depart([key], flight, landed);
    return landed;
  }

  /** What is in memory, if it may be shown to whoever asks now. */
  private atHand(key: string): Found<V> | undefined {
    const { feed } = this.ground;
    if (this.ground.isInTransaction() || !feed.isFresh()) return undefined;
    const kept = this.keeper.inMemory(key);
    if (!kept) return undefined;
    feed.isUsed = true;
    this.counts.memory++;
    provenance()?.note(kept.tags, kept.expiresAt);
    return kept;
  }

  private loader(): Loader<V> {
    if (!this.terms.loader) throw new Error(`The cache ${this.terms.name} has no loader: give one to get().`);
    return this.terms.loader;
  }

  private async find(keys: readonly string[], loader: Loader<V>): Promise<Map<string, Found<V>>> {
    if (this.ground.isInTransaction()) return this.pastTheCache(keys, loader);
    const { feed } = this.ground;
    const arrivedAt = performance.now();
    feed.isUsed = true;
    const isFresh = feed.isFresh(arrivedAt) || (await feed.refresh(arrivedAt));
    const found = new Map<string, Found<V>>();
    const awaited: [Flight<V>, string[]][] = [];
    const missing: string[] = [];
    for (const key of new Set(keys)) {
      const kept = isFresh ? this.keeper.inMemory(key) : undefined;
      const flight = this.flights.get(key);
      if (kept) found.set(key, kept);
      else if (flight?.crowd.isOver === false && this.mayJoin(flight, key, isFresh))
        awaited.push([joined(flight), [key]]);
      else missing.push(key);
    }
    this.counts.memory += found.size;
    this.counts.joined += awaited.length;
    const asOf = feed.snapshot;
    if (missing.length > 0) awaited.push([this.depart(missing, loader, isFresh ? arrivedAt : undefined), missing]);
    const again: string[] = [];
    for (const [flight, wanted] of awaited) {
      const landed = await flight.landed;
      for (const key of wanted) {
        const one = foundIn(landed, key);
        if (wanted === missing || this.holdsAsOf(one, flight, asOf)) found.set(key, one);
        else again.push(key);
      }
    }
    for (const { tags, expiresAt } of found.values()) provenance()?.note(tags, expiresAt);
    if (again.length > 0) for (const [key, one] of await this.find(again, loader)) found.set(key, one);
    return found;
  }

  private async pastTheCache(keys: readonly string[], { load }: Loader<V>): Promise<Map<string, Found<V>>> {
    const values = await load(keys);
    return new Map(keys.map((key) => [key, this.keeper.foundOf(key, values.get(key), [], [])]));
  }

  /** A load that began before somebody's change was known must not be given to those who came after it. */
  private mayJoin({ snapshot, generation, isLoading, mayBeShared }: Flight<V>, key: string, isFresh: boolean): boolean {
    const { feed } = this.ground;
    if (generation !== feed.generation) return false;
    if (!isLoading) return isFresh || !mayBeShared;
    return isFresh && snapshot !== undefined && feed.known.covers(snapshot, this.terms.tagsOf(key, undefined));
  }

  /** What other caches gave to the load was not known when it was joined. */
  private holdsAsOf({ foreign }: Found<V>, { snapshot }: Flight<V>, asOf: Snapshot | undefined): boolean {
    if (foreign.length === 0 || snapshot === undefined || asOf === undefined) return true;
    return this.ground.feed.known.covers(snapshot, foreign, asOf);
  }

  /** @param arrivedAt of who asks; undefined if the feed is not fresh for him */
  private depart(keys: readonly string[], loader: Loader<V>, arrivedAt: number | undefined): Flight<V> {
    const ahead = arrivedAt !== undefined ? [] : keys.flatMap((key) => this.flights.get(key)?.landed ?? []);
    const mayBeShared = arrivedAt !== undefined && this.ground.shared !== undefined;
    const flight = new Flight<V>(this.ground.feed.generation, mayBeShared);
    this.flights.depart(keys, flight, this.fly(flight, keys, loader, ahead, arrivedAt));
    return flight;
  }

  /** @param ahead flights that nobody may join any more: without fresh changes, one load of a key at a time must do */
  private async fly(
    flight: Flight<V>,
    keys: readonly string[],
    { load, isTraced }: Loader<V>,
    ahead: readonly Promise<unknown>[],
    arrivedAt: number | undefined,
  ): Promise<ReadonlyMap<string, Found<V>>> {
    if (ahead.length > 0) await Promise.allSettled(ahead);
    const landed = this.ground.shared ? await this.keeper.fromRedis(keys, arrivedAt) : new Map<string, Found<V>>();
    this.counts.redis += landed.size;
    const missing = keys.filter((key) => !landed.has(key));
    if (missing.length === 0) return landed;
    flight.load(this.ground.feed);
    this.counts.loaded += missing.length;
    const made = new Provenance(true);
    // Inside a scope, each promise costs more: a load that can't have read anything else needs none.
    const values = await flight.crowd.run(() => (isTraced ? tracing(made, () => load(missing)) : load(missing)));
    for (const key of missing) landed.set(key, this.keeper.keep(key, values.get(key), [...made.tags], flight));
    return landed;
  }
}
