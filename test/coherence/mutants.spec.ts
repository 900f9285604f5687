import { patched, sourceOf } from './builds';
import { MUTANTS } from './mutants';
import { StalenessHistogram } from './staleness';

it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('%s: the source has the place', (_, mutant) => {
  const source = sourceOf(mutant);
  expect(patched(source, mutant)).not.toBe(source);
});

it('a place that is not there, or twice, is an error', () => {
  const [mutant] = MUTANTS as [(typeof MUTANTS)[0]];
  expect(() => patched('', mutant)).toThrow('0 times');
  expect(() => patched(mutant.find.repeat(2), mutant)).toThrow('2 times');
});

it('percentiles of staleness', () => {
  const histogram = new StalenessHistogram();
  for (let n = 0; n < 9_000; n++) histogram.add(0);
  for (let n = 1; n <= 1_000; n++) histogram.add(n / 10);
  expect(histogram.percentile(0.5)).toBe(0);
  expect(histogram.percentile(0.9)).toBe(0);
  expect(histogram.percentile(0.95)).toBeCloseTo(50);
  expect(histogram.percentile(0.9999)).toBeCloseTo(99.9);
  expect(histogram.max).toBe(100);
});
