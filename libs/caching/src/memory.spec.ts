import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Kept, Memory } from './memory';

const keptAs = (key: string, tags: readonly string[] = [], bytes = 1_000): Kept => ({ key, tags, bytes, uses: 0 });

describe('what is kept', () => {
  const left: Kept[] = [];
  const memory = new Memory(16_000, (kept) => left.push(kept));
  beforeEach(() => {
    memory.clear();
    left.length = 0;
  });

  it('is found by its key, and used three times at most', () => {
    const one = keptAs('one');
    expect(memory.set(one)).toBe(true);
    expect([memory.peek('one'), one.uses]).toEqual([one, 0]);
    expect([1, 2, 3, 4].map(() => memory.get('one')?.uses)).toEqual([1, 2, 3, 3]);
    memory.set(one);
    expect(one.uses).toBe(0);
    expect([memory.get('other'), memory.peek('other')]).toEqual([undefined, undefined]);
  });

  it('is replaced by what has the same key', () => {
    const [old, young] = [keptAs('one', ['orders:1'], 500), keptAs('one', ['orders:2'], 700)];
    memory.set(old);
    memory.set(young);
    expect(left).toEqual([old]);
    memory.drop('orders:1');
    expect(memory.peek('one')).toBe(young);
    expect([memory.bytes, memory.size]).toEqual([700, 1]);
  });

  it('can be set again when it has grown', () => {
    const growing = { ...keptAs('one'), bytes: 500 };
    memory.set(growing);
    growing.bytes = 900;
    memory.set(growing);
    expect(memory.bytes).toBe(900);
    growing.bytes = 1_900;
    memory.delete('one');
    expect(memory.bytes).toBe(0);
  });

  it.each([
    [2_000, true],
    [2_001, false],
  ])('of %d bytes in 16,000: %p; its predecessor is gone either way', (bytes, isKept) => {
    const [old, young] = [keptAs('one'), keptAs('one', [], bytes)];
    memory.set(old);
    expect(memory.set(young)).toBe(isKept);
    expect(left).toEqual([old]);
    expect(memory.peek('one')).toBe(isKept ? young : undefined);
  });

  it('leaves once, whatever the reason', () => {
    const [one, two, three] = [keptAs('one'), keptAs('two', ['orders']), keptAs('three')];
    for (const kept of [one, two, three]) memory.set(kept);
    memory.delete('one');
    memory.delete('one');
    memory.drop('orders:1');
    memory.drop('orders:1');
    memory.clear();
    expect(left).toEqual([one, two, three]);
    expect([memory.bytes, memory.size, memory.tagCount]).toEqual([0, 0, 0]);
  });

  it.each([
    ['orders:1', ['1', 'both', 'any', 'twice']],
    ['orders:2', ['2', 'both', 'any']],
    ['orders:3', ['any']],
    ['orders:1:2', ['1:2', 'any']],
    ['orders:', ['any']],
    ['orders:*', ['1', '2', '1:2', 'both', 'any', 'twice']],
    ['orders', ['1', '2', '1:2', 'both', 'any', 'twice']],
    ['lines:1', ['both', 'lines']],
    ['lines:*', ['both', 'lines']],
    ['order:*', []],
    ['orders2:1', ['orders2']],
    ['*', []],
    ['', []],
  ])('a change of %p drops %p', (tag, names) => {
    const tags = { 1: ['orders:1'], 2: ['orders:2'], '1:2': ['orders:1:2'], any: ['orders'], none: [] };
    const others = { lines: ['lines:1'], orders2: ['orders2'], both: ['orders:1', 'lines:1', 'orders:2'] };
    const all: Record<string, string[]> = { ...tags, ...others, twice: ['orders:1', 'orders:1'] };
    for (const [name, on] of Object.entries(all)) memory.set(keptAs(name, on));
    memory.drop(tag);
    expect(left.map(({ key }) => key).sort()).toEqual([...names].sort());
    expect(Object.keys(all).filter((name) => memory.peek(name)).length).toBe(memory.size);
    memory.drop('orders:*');
    memory.drop('lines:*');
    memory.drop('orders2:*');
    expect([memory.size, memory.tagCount, memory.bytes]).toEqual([1, 0, 1_000]);
  });

  it('can be collected at once when it was dropped from between others', async () => {
    const references = Array.from({ length: 10 }, (_, id) => {
      const kept = keptAs(`${id}`, [`orders:${id}`, `parity:${id % 2}`]);
      memory.set(kept);
      return new WeakRef(kept);
    });
    memory.drop('parity:1');
    left.length = 0;
    // A reference keeps its object until the turn ends.
    await nextTurn();
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
    expect(references.map((reference) => reference.deref() !== undefined)).toEqual(
      references.map((_, id) => id % 2 === 0),
    );
  });
});

/** Lehmer's generator: above 0, below 1. */
const randomOf = (seed: number) => () => (seed = (seed * 48_271) % 0x7fffffff) / 0x7fffffff;

describe.each([1, 2, 3])('against a naive model, seed %d', (seed) => {
  const random = randomOf(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const anyOf = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const keys = Array.from({ length: 60 }, (_, n) => `key ${n}`);
  const rows = ['1', '2', '3', '3:4'].flatMap((id) => [`a:${id}`, `b:${id}`, `ab:${id}`]);
  const bytesOf = (all: Iterable<Kept>): number => [...all].reduce((sum, { bytes }) => sum + bytes, 0);
  const tableOf = (tag: string): string => tag.split(':')[0]!;
  const isTouched = (on: string, change: string): boolean =>
    on === change || on === tableOf(change) || (change.endsWith('*') && tableOf(on) === tableOf(change));

  it('the same is kept, dropped and counted', () => {
    const maxBytes = 20_000;
    const model = new Map<string, Kept>();
    let left: Kept[] = [];
    let mostBytes = 0;
    const memory = new Memory(maxBytes, (kept) => {
      left.push(kept);
      mostBytes = Math.max(mostBytes, memory.bytes);
    });

    for (let step = 0; step < 2_000; step++) {
      left = [];
      const evictionsBefore = memory.evictions;
      let mustGo: (kept: Kept) => boolean = () => false;
      let added: Kept | undefined;
      const key = anyOf(keys);
      const choice = random();
      if (choice < 0.5) {
        const kept = keptAs(
          key,
          Array.from({ length: below(4) }, () => anyOf(['a', 'b', ...rows])),
          1 + below(2_700),
        );
        if (memory.set(kept)) added = kept;
        expect(added === kept).toBe(kept.bytes <= maxBytes / 8);
        mustGo = (other) => other.key === key;
      } else if (choice < 0.87) memory.get(key);
      else if (choice < 0.9) {
        memory.delete(key);
        mustGo = (other) => other.key === key;
      } else if (choice < 0.999) {
        const change = anyOf(['a:*', 'ab:*', 'a:5', ...rows]);
        memory.drop(change);
        mustGo = ({ tags }) => tags.some((tag) => isTouched(tag, change));
      } else {
        memory.clear();
        mustGo = () => true;
      }

      const gone = [...model.values()].filter(mustGo);
      const evicted = left.filter((kept) => !gone.includes(kept));
      const leftOnce = left.every((kept) => model.get(kept.key) === kept && model.delete(kept.key));
      if (added) model.set(key, added);
      const tags = [...model.values()].flatMap((kept) => kept.tags);
      const bytes = bytesOf(model.values());
      mostBytes = Math.max(mostBytes, memory.bytes);
      const { size, tagCount } = memory;
      expect({ leftOnce, left: left.length, size, tagCount, bytes: memory.bytes, mostBytes }).toEqual({
        leftOnce: true,
        left: gone.length + memory.evictions - evictionsBefore,
        size: model.size,
        tagCount: new Set([...tags.map(tableOf), ...tags.filter((tag) => tag.includes(':'))]).size,
        bytes,
        mostBytes: Math.min(mostBytes, maxBytes),
      });
      expect(keys.filter((each) => memory.peek(each) !== model.get(each))).toEqual([]);
      // Without the last that was evicted there would not have been room.
      const last = evicted.at(-1);
      if (last) expect(added && bytes + last.bytes).toBeGreaterThan(maxBytes);
    }
    expect(memory.evictions).toBeGreaterThan(200);
  });
});
