import { BoundedMemory } from './bounded-memory';

const passes = (memory: BoundedMemory, key: string): Promise<boolean> =>
  memory.consume(key).then(
    () => true,
    () => false,
  );

it('forgets who has taken least for who is new, and nobody who has nothing left', async () => {
  const memory = new BoundedMemory({ keyPrefix: 'test', points: 2, duration: 60 }, 3);
  for (const key of ['spent', 'spent', 'once', 'twice', 'twice']) await passes(memory, key);
  for (let n = 0; n < 1_000; n++) expect(await passes(memory, `new ${n}`)).toBe(true);
  expect([await passes(memory, 'spent'), await passes(memory, 'twice')]).toEqual([false, false]);
  expect(memory.dump().storage).toHaveLength(3);
});

it('remembers nobody who only asks', async () => {
  const memory = new BoundedMemory({ keyPrefix: 'test', points: 1, duration: 60 }, 3);
  for (let n = 0; n < 1_000; n++) expect(await memory.get(`asks ${n}`)).toBeNull();
  for (const key of ['a', 'b', 'c']) expect(await passes(memory, key)).toBe(true);
});

it('counts callers beyond the bound as one where nobody else has anything left', async () => {
  const memory = new BoundedMemory({ keyPrefix: 'test', points: 2, duration: 60 }, 3);
  for (const key of ['a', 'b', 'c', 'a', 'b', 'c']) expect(await passes(memory, key)).toBe(true);
  const others = [];
  for (let n = 0; n < 1_000; n++) others.push(await passes(memory, `other ${n}`));
  expect(others.filter(Boolean)).toHaveLength(2);
  expect([await passes(memory, 'a'), await memory.reward('a'), await passes(memory, 'a')]).toEqual([
    false,
    expect.anything(),
    false,
  ]);
  expect(memory.dump().storage).toHaveLength(4);
});

it('has room again when windows have ended', async () => {
  jest.useFakeTimers();
  try {
    const memory = new BoundedMemory({ keyPrefix: 'test', points: 1, duration: 60 }, 1);
    expect([await passes(memory, 'a'), await passes(memory, 'b'), await passes(memory, 'c')]).toEqual([
      true,
      true,
      false,
    ]);
    jest.advanceTimersByTime(60_001);
    expect([await passes(memory, 'c'), await passes(memory, 'c')]).toEqual([true, false]);
  } finally {
    jest.useRealTimers();
  }
});
