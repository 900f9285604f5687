import { spreadOf } from './statistics';
import { type Round, summaryOf } from './summary';

const round = (perSecond: number, cpuMicroseconds: number): Round => ({
  perSecond,
  cpuMicroseconds,
  p50Ms: 1,
  p99Ms: 2,
});

it.each([
  [[3, 1, 2], { median: 2, min: 1, max: 3 }],
  [[4, 1, 2, 10], { median: 3, min: 1, max: 10 }],
  [[5], { median: 5, min: 5, max: 5 }],
])('the spread of %j', (values, spread) => expect(spreadOf(values)).toEqual(spread));

it('compares what was measured in the same round, not the medians', () => {
  // The machine was slow in the second round, for both.
  const reference = [round(100, 10), round(10, 100), round(200, 5)];
  const summary = summaryOf('rival', [round(50, 20), round(5, 200), round(100, 10)], reference);
  expect(summary.ratio).toEqual({ median: 0.5, min: 0.5, max: 0.5 });
  expect(summary.cpuRatio).toEqual({ median: 0.5, min: 0.5, max: 0.5 });
  expect(summary.perSecond.median).toBe(50);
});
