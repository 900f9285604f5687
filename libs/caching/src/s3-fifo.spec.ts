import { type Kept, Memory } from './memory';

const keptAs = (key: string, bytes = 1_000): Kept => ({ key, tags: [], bytes, uses: 0 });

describe('for want of room', () => {
  const capacity = 100;
  let memory: Memory;
  beforeEach(() => (memory = new Memory(capacity * 1_000)));
  const isKept = (key: string): boolean => memory.peek(key) !== undefined;
  const use = (key: string, times: number): void => {
    for (let n = 0; n < times; n++) memory.get(key);
  };
  const scan = (name: string, count: number): void => {
    for (let n = 0; n < count; n++) memory.set(keptAs(`${name} ${n}`));
  };

  it('the oldest leave, and only as many as needed', () => {
    scan('a', capacity);
    expect(memory.evictions).toBe(0);
    memory.set(keptAs('large', 2_500));
    expect(memory.evictions).toBe(3);
    expect(['a 0', 'a 1', 'a 2', 'a 3'].map(isKept)).toEqual([false, false, false, true]);
    expect([memory.size, memory.bytes]).toEqual([capacity - 2, capacity * 1_000 - 500]);
  });

  it.each([
    [0, false],
    [1, false],
    [2, true],
  ])('what was used %d times stays while others pass: %p', (times, stays) => {
    memory.set(keptAs('one'));
    use('one', times);
    scan('a', 20 * capacity);
    expect(isKept('one')).toBe(stays);
  });

  it.each([
    [50, true],
    [2_000, false],
  ])('what returns when %d others have left after it stays as well: %p', (others, stays) => {
    memory.set(keptAs('one'));
    scan('a', capacity + others);
    expect(isKept('one')).toBe(false);
    memory.set(keptAs('one'));
    scan('b', 20 * capacity);
    expect(isKept('one')).toBe(stays);
  });

  it('a replacement stays where its predecessor did', () => {
    memory.set(keptAs('one'));
    use('one', 2);
    memory.set(keptAs('one'));
    scan('a', 20 * capacity);
    memory.set(keptAs('one'));
    scan('b', 20 * capacity);
    expect(isKept('one')).toBe(true);
  });

  /** As many newcomers that are used at once. */
  const wanted = (name: string, count: number): void => {
    for (let n = 0; n < count; n++) {
      memory.set(keptAs(`${name} ${n}`));
      use(`${name} ${n}`, 2);
    }
  };

  it.each([
    [8, true],
    [12, false],
  ])('a newcomer waits in a tenth of the room: while %d others come, %p', (others, waits) => {
    wanted('a', 2 * capacity);
    scan('b', capacity);
    memory.set(keptAs('one'));
    scan('c', others);
    expect(isKept('one')).toBe(waits);
  });

  it('what stays goes in the end, later by one round for each use', () => {
    wanted('a', capacity);
    wanted('b', 1);
    use('a 10', 3);
    use('a 11', 1);
    const stay = (others: string): boolean[] => {
      wanted(others, 0.8 * capacity);
      return ['a 10', 'a 11', 'a 12'].map(isKept);
    };
    expect(stay('c')).toEqual([true, true, false]);
    expect(stay('d')).toEqual([true, false, false]);
    expect(stay('e')).toEqual([true, false, false]);
    expect(stay('f')).toEqual([false, false, false]);
  });

  it('what was hot and is no longer used makes way', () => {
    const round = (name: string): number => {
      const hits = Array.from({ length: capacity / 2 }, (_, n) => memory.get(`${name} ${n}`) !== undefined);
      hits.forEach((isHit, n) => isHit || memory.set(keptAs(`${name} ${n}`)));
      return hits.filter(Boolean).length;
    };
    for (const name of ['old', 'older', 'new']) for (let n = 0; n < 20; n++) round(name);
    expect(round('new')).toBe(capacity / 2);
  });
});

/** Lehmer's generator: above 0, below 1. */
const randomOf = (seed: number) => () => (seed = (seed * 48_271) % 0x7fffffff) / 0x7fffffff;

describe.each([1, 2])('a scan of 20 times the capacity that reads each key %d times', (reads) => {
  const capacity = 1_000;
  const hotKeys = 2 * capacity;
  const scanned = 20 * capacity;

  /** Hits in a hot set, popular as Zipf says, with as many reads of the scan between them; and without, before. */
  function hitsThatRemain(read: (key: string) => boolean): number {
    const random = randomOf(1);
    // A rank r comes with the probability log((r + 1) / r), which is about 1 / r.
    const readHot = (): boolean => read(`hot ${Math.floor(hotKeys ** random())}`);
    for (let n = 0; n < scanned; n++) readHot();
    let before = 0;
    for (let n = 0; n < scanned; n++) before += Number(readHot());
    let during = 0;
    for (let n = 0; n < scanned; n++) {
      for (let time = 0; time < reads; time++) read(`scanned ${n}`);
      during += Number(readHot());
    }
    return during / before;
  }

  it('leaves at least 95 % of the hits in the hot set', () => {
    const memory = new Memory(capacity * 1_000);
    const read = (key: string): boolean => memory.get(key) !== undefined || !memory.set(keptAs(key));
    expect(hitsThatRemain(read)).toBeGreaterThan(0.95);
  });

  it('would leave less if the least recently used had to leave', () => {
    const kept = new Set<string>();
    const read = (key: string): boolean => {
      const isHit = kept.delete(key);
      kept.add(key);
      const [oldest] = kept;
      if (kept.size > capacity) kept.delete(oldest!);
      return isHit;
    };
    expect(hitsThatRemain(read)).toBeLessThan(0.9);
  });
});
