import { leakOf, sampleOf, T_LIMIT, welchT } from './welch';

/** Numbers that look random and are the same in each run. */
function* noise(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state / 2_147_483_648;
  }
}

const take = (seed: number, count: number, shift = 0): number[] => {
  const source = noise(seed);
  return Array.from({ length: count }, () => 20 + shift + (source.next().value as number));
};

test('mean and variance are those of the textbook', () => {
  const { mean, variance } = sampleOf([2, 4, 4, 4, 5, 5, 7, 9]);
  expect(mean).toBeCloseTo(5);
  expect(variance).toBeCloseTo(32 / 7);
});

test('t is the difference of the means in units of its own error', () => {
  expect(welchT(sampleOf([1, 2, 3, 4, 5]), sampleOf([2, 4, 6, 8, 10]))).toBeCloseTo(-3 / Math.sqrt(0.5 + 2));
});

test.each([
  { name: 'the same source', shift: 0, isLeak: false },
  { name: 'one that takes a fortieth of the noise longer', shift: 0.025, isLeak: true },
])('5,000 pairs tell $name', ({ shift, isLeak }) => {
  expect(Math.abs(leakOf(take(7, 5_000), take(4_711, 5_000, shift)).t) > T_LIMIT).toBe(isLeak);
});

test('a few stalls do not hide a difference', () => {
  const stalled = (values: number[]): number[] => values.map((value, at) => (at % 199 === 0 ? value + 5_000 : value));
  const [a, b] = [stalled(take(7, 5_000)), stalled(take(4_711, 5_000, 0.05))];
  expect(Math.abs(welchT(sampleOf(a), sampleOf(b)))).toBeLessThan(T_LIMIT);
  expect(Math.abs(leakOf(a, b).t)).toBeGreaterThan(T_LIMIT);
});
