// PostgreSQL and a shared store as a seeded model: transactions that commit late, a log that is cut off, a store that loses and repeats.
import type { Change, Snapshot } from '@app/database';

export interface Random {
  below(limit: number): number;
  chance(probability: number): boolean;
  of<T>(list: readonly T[]): T;
}

// Within Jest, each use of a global is a look-up.
const { floor, imul } = Math;

/** Mulberry32. */
export function randomOf(seed: number): Random {
  const next = (): number => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = imul(seed ^ (seed >>> 15), seed | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => floor(next() * limit);
  return { below, chance: (probability) => next() < probability, of: (list) => list[below(list.length)] as never };
}

/** More changes are not given to whoever asks for the first time. */
const MOST_CHANGES = 8;

/** Whether a change of the one, a row `t:1` or many rows `t:*`, is a change of the other, a row or a table `t`. */
export const touches = (change: string, tag: string): boolean =>
  change === tag || change.startsWith(`${tag}:`) || (change.endsWith(':*') && tag.startsWith(change.slice(0, -1)));

export interface Logged extends Change {
  readonly id: number;
}

/** Begins, writes, commits late or never; the time is a count of steps. */
export class ModelServer {
  now = 0;
  /** Every change below this transaction may have been deleted from the log. */
  horizon = 1;
  private log: Logged[] = [];
  private readonly open = new Map<number, Logged[]>();
  /** When something of a tag was committed. */
  private readonly commits = new Map<string, number[]>();
  private nextXid = 1;
  private nextId = 1;
  private latestEnded = 0;

  constructor(
    private readonly random: Random,
    private readonly rows: readonly string[],
  ) {
    for (const row of rows) for (const tag of [row, row.split(':')[0] as string]) this.commits.set(tag, []);
  }

  step(): void {
    const { random } = this;
    const choice = random.below(100);
    const xid = this.open.size > 0 && random.chance(0.6) ? random.of([...this.open.keys()]) : this.nextXid++;
    const changes = this.open.get(xid) ?? [];
    this.open.set(xid, changes);
    if (choice < 60) {
      const tags = choice < 4 ? [random.chance(0.5) ? 'a:*' : 'b:*'] : this.rows.filter(() => random.chance(0.3));
      if (tags.length > 0) changes.push({ id: this.nextId++, xid, tags });
    } else if (choice < 95) this.end(xid, choice < 88 ? changes : []);
    else if (choice === 99) this.forget();
  }

  snapshot(): Snapshot {
    const xmax = this.latestEnded + 1;
    const inProgress = [...this.open.keys()].filter((xid) => xid < xmax).sort((one, other) => one - other);
    return { xmin: inProgress[0] ?? xmax, xmax, inProgress };
  }

  /** Committed changes that fulfil the condition; of a first poll, only the newest, and where they begin. */
  changes(wanted: (change: Logged) => boolean): Logged[] {
    return this.log.filter(wanted);
  }

  newest(): { changes: Change[]; floor: number } {
    const changes = [...this.log].sort((one, other) => one.xid - other.xid).slice(-MOST_CHANGES);
    const isCut = changes.length === MOST_CHANGES;
    return { changes, floor: isCut ? (changes[0] as Change).xid + 1 : this.horizon };
  }

  /** Whether anything of the tags was committed after the one and before the other. */
  hasChangedBetween(after: number, before: number, tags: readonly string[]): boolean {
    return tags.some((tag) => (this.commits.get(tag) ?? []).findLast((at) => at < before)! > after);
  }

  private end(xid: number, changes: readonly Logged[]): void {
    this.open.delete(xid);
    this.latestEnded = Math.max(this.latestEnded, xid);
    this.log.push(...changes);
    for (const [tag, times] of this.commits)
      if (changes.some(({ tags }) => tags.some((change) => touches(change, tag)))) times.push(this.now);
  }

  private forget(): void {
    this.horizon = this.snapshot().xmin;
    this.log = this.log.filter(({ xid }) => xid >= this.horizon);
  }
}

/** Loses, delays and repeats what is put, and answers with whatever was there some time. */
export class ModelStore<Entry> {
  private readonly entries = new Map<number, Entry[]>();

  constructor(private readonly random: Random) {}

  put(key: number, entry: Entry): void {
    if (this.random.chance(0.2)) return;
    this.entries.set(key, [...(this.entries.get(key) ?? []), entry]);
  }

  get(key: number): Entry | undefined {
    const all = this.entries.get(key) ?? [];
    if (all.length === 0 || this.random.chance(0.2)) return undefined;
    return this.random.chance(0.6) ? all.at(-1) : this.random.of(all);
  }
}
