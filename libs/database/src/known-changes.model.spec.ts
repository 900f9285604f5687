import { ModelServer, ModelStore, type Random, randomOf, touches } from '../test/model';
import { KnownChanges } from './known-changes';
import type { Snapshot } from './snapshot';

/** What the protections are; a mutant lacks one of them. */
interface Rules {
  readonly makeKnown: () => KnownChanges;
  readonly snapshotBefore: boolean;
  readonly checksFills: boolean;
  readonly checksJoins: boolean;
  readonly checksShared: boolean;
  readonly drops: boolean;
  readonly asksBySnapshot: boolean;
  readonly noticesGaps: boolean;
}

const ROWS = ['a:1', 'a:2', 'a:3', 'b:1'];
const KEYS: readonly (readonly string[])[] = [['a:1'], ['a:2'], ['a'], ['b:1'], ['a:3', 'b']];
const MAX_TAGS = 12;

interface Entry {
  readonly snapshot: Snapshot;
  /** When its value was read; it says what the database said then. */
  readonly readAt: number;
}

interface Load {
  readonly key: number;
  readonly snapshot: Snapshot;
  readonly generation: number;
  readonly begunAt: number;
  readonly joinedAt: number[];
}

class Instance {
  private known!: KnownChanges;
  private generation = 0;
  private lastId = 0;
  /** The last poll that was applied began then. */
  private polledAt = -1;
  private poll?: { begunAt: number; apply?: () => void };
  private readonly memory = new Map<number, Entry>();
  private loads: Load[] = [];

  constructor(
    private readonly rules: Rules,
    private readonly server: ModelServer,
    private readonly store: ModelStore<Entry>,
    private readonly random: Random,
    private readonly seen: Record<string, number>,
  ) {
    this.restart();
  }

  step(): void {
    const choice = this.random.below(100);
    if (choice < 30) this.advancePoll();
    else if (choice < 80) this.read(this.random.below(KEYS.length));
    else if (choice < 98) this.finishLoad();
    else if (choice === 99) this.restart();
  }

  private restart(): void {
    this.known = this.rules.makeKnown();
    this.forget();
    this.poll = undefined;
    this.loads = [];
    this.polledAt = -1;
  }

  private forget(): void {
    this.generation++;
    this.memory.clear();
  }

  /** It is sent, the server takes its snapshot, the answer arrives: between any two of these much may happen. */
  private advancePoll(): void {
    if (!this.poll) this.poll = { begunAt: this.server.now };
    else if (!this.poll.apply) this.poll.apply = this.answer(this.poll.begunAt);
    else {
      this.poll.apply();
      this.poll = undefined;
    }
  }

  private answer(begunAt: number): () => void {
    const { server, rules } = this;
    const previous = this.known.snapshot;
    const snapshot = server.snapshot();
    const { horizon } = server;
    if (previous === undefined) {
      const { changes, floor } = server.newest();
      return () => {
        this.known.begin(snapshot, floor, changes);
        this.polledAt = begunAt;
      };
    }
    const changes = server.changes(({ id, xid }) =>
      rules.asksBySnapshot ? xid >= previous.xmax || previous.inProgress.includes(xid) : id > this.lastId,
    );
    const hasGap = previous.xmax < horizon || previous.inProgress.some((xid) => xid < horizon);
    return () => {
      this.polledAt = begunAt;
      this.lastId = Math.max(this.lastId, ...changes.map(({ id }) => id));
      if (hasGap && rules.noticesGaps) {
        this.count('gaps');
        this.forget();
        this.known.begin(snapshot, snapshot.xmax, changes);
        return;
      }
      this.known.apply(snapshot, changes);
      const isTouched = (key: number): boolean =>
        changes.some(({ tags }) => tags.some((change) => KEYS[key]?.some((tag) => touches(change, tag))));
      if (rules.drops) for (const key of this.memory.keys()) if (isTouched(key)) this.memory.delete(key);
    };
  }

  private read(key: number): void {
    const { known, rules } = this;
    const tags = KEYS[key] as readonly string[];
    const { snapshot } = known;
    if (snapshot === undefined) return;
    const kept = this.memory.get(key);
    if (kept) return this.serve('memory', kept, tags, this.polledAt);
    const load = this.loads.find((one) => one.key === key);
    if (load) {
      if (!rules.checksJoins || known.covers(load.snapshot, tags)) load.joinedAt.push(this.polledAt);
      return;
    }
    const shared = this.store.get(key);
    if (shared) {
      if (rules.checksShared && !known.covers(shared.snapshot, tags)) return this.count('refused');
      this.memory.set(key, shared);
      return this.serve('shared', shared, tags, this.polledAt);
    }
    this.loads.push({ key, snapshot, generation: this.generation, begunAt: this.server.now, joinedAt: [] });
  }

  private finishLoad(): void {
    const at = this.random.below(this.loads.length);
    const [load] = this.loads.splice(at, 1);
    if (!load) return;
    const { known, rules } = this;
    const { key, begunAt, joinedAt, generation } = load;
    const tags = KEYS[key] as readonly string[];
    const readAt = begunAt + this.random.below(this.server.now - begunAt + 1);
    const entry = { readAt, snapshot: rules.snapshotBefore ? load.snapshot : (known.snapshot as Snapshot) };
    for (const polledAt of joinedAt) this.serve('joined', entry, tags, polledAt);
    if (generation !== this.generation && rules.checksFills) return;
    if (rules.checksFills && !known.covers(entry.snapshot, tags)) return this.count('late');
    this.memory.set(key, entry);
    this.store.put(key, entry);
  }

  private serve(from: string, { readAt }: Entry, tags: readonly string[], polledAt: number): void {
    this.count(from);
    if (this.server.hasChangedBetween(readAt, polledAt, tags)) this.count('violations');
  }

  private count(what: string): void {
    this.seen[what] = (this.seen[what] ?? 0) + 1;
  }
}

const RULES: Rules = {
  makeKnown: () => new KnownChanges(MAX_TAGS),
  snapshotBefore: true,
  checksFills: true,
  checksJoins: true,
  checksShared: true,
  drops: true,
  asksBySnapshot: true,
  noticesGaps: true,
};
const STEPS = 400;

/** What mutants change; private in the class. */
interface Mutable {
  covers(): boolean;
  knowsAllSince(snapshot: Snapshot): boolean;
  forgetOldest(): void;
  remember(tag: string, xid: number): void;
  floor: number;
}

function forgetOnly(this: Mutable): void {
  const { floor } = this;
  (KnownChanges.prototype as unknown as Mutable).forgetOldest.call(this);
  this.floor = floor;
}

function rememberRowsOnly(this: Mutable, tag: string, xid: number): void {
  if (!tag.endsWith(':*')) (KnownChanges.prototype as unknown as Mutable).remember.call(this, tag, xid);
}

/** Three instances, one server, one store: whatever may happen next, in an order that the seed decides. */
function play(seed: number, rules: Rules, seen: Record<string, number>): void {
  const random = randomOf(seed);
  const server = new ModelServer(random, ROWS);
  const store = new ModelStore<Entry>(random);
  const instances = [1, 2, 3].map(() => new Instance(rules, server, store, random, seen));
  for (server.now = 1; server.now <= STEPS; server.now++) {
    if (random.chance(0.25)) server.step();
    else random.of(instances).step();
  }
}

it('nothing is shown that lacks a change which was acknowledged before the last poll began', () => {
  const seen: Record<string, number> = {};
  for (let seed = 1; seed <= 2_000; seed++) play(seed, RULES, seen);
  expect(seen['violations']).toBeUndefined();
  // A model in which little happens would prove little.
  for (const happened of ['memory', 'shared', 'joined', 'refused', 'late', 'gaps'])
    expect([happened, seen[happened]]).toEqual([happened, expect.any(Number)]);
});

const lacking = (change: (known: Mutable) => void): Partial<Rules> => ({
  makeKnown: () => {
    const known = RULES.makeKnown();
    change(known as unknown as Mutable);
    return known;
  },
});

it.each<[lack: string, mutant: Partial<Rules>]>([
  ['any rule', lacking((known) => (known.covers = () => true))],
  ['a floor', lacking((known) => (known.knowsAllSince = () => true))],
  ['a floor for what was in progress', lacking((known) => (known.knowsAllSince = ({ xmax }) => xmax >= known.floor))],
  ['a floor that rises when changes are forgotten', lacking((known) => (known.forgetOldest = forgetOnly))],
  ['knowing what many rows are', lacking((known) => (known.remember = rememberRowsOnly))],
  ['the snapshot from before the load', { snapshotBefore: false }],
  ['a check of what was loaded', { checksFills: false }],
  ['a check of loads that are joined', { checksJoins: false }],
  ['a check of what the shared store gives', { checksShared: false }],
  ['dropping what has changed', { drops: false }],
  ['asking for what the last snapshot did not see', { asksBySnapshot: false }],
  ['noticing that the log was cut off', { noticesGaps: false }],
])('without %s it would be', (_, mutant) => {
  const seen: Record<string, number> = {};
  for (let seed = 1; seed <= 2_000 && seen['violations'] === undefined; seed++)
    play(seed, { ...RULES, ...mutant }, seen);
  expect(seen['violations']).toBeGreaterThan(0);
});
