// Where the answer is known, the simulation comes to it; elsewhere it agrees with the arithmetic.
import { pollsOf, trafficOf, wakeUpsOf } from './arithmetic';
import type { Load } from './load';
import { simulate } from './simulation';

const load: Load = {
  instances: 3,
  readsPerSecond: 3_000,
  writesPerSecond: 0,
  items: 50,
  exponent: 0,
  stalenessMs: 100,
  ttlMs: 3_600_000,
  kept: Infinity,
  isWithRedis: false,
  pollMs: 1,
};
const settings = { seed: 1, sample: 3, events: 4_000 };

describe('of what is known', () => {
  it.each([
    [100, 40],
    [400, 10],
    [20, 200],
  ])(
    'at %d ms an instance without writes polls %d times a second, and many as much more often',
    (stalenessMs, each) => {
      for (const instances of [1, 10, 1_000]) {
        const polls = trafficOf({ ...load, instances, stalenessMs }).polls;
        expect(polls).toBeCloseTo(instances * each, 5);
      }
      expect(simulate({ ...load, stalenessMs }, settings).polls / (3 * each)).toBeCloseTo(1, 1);
    },
  );

  it('woken all the time, it polls after each gap or, where the last one still runs, at once', () => {
    expect(pollsOf({ stalenessMs: 100, pollMs: 0 }, 1e9, 0)).toBeCloseTo(200, 0);
    expect(pollsOf({ stalenessMs: 100, pollMs: 2 }, 1e9, 0)).toBeCloseTo(500, 0);
  });

  it('an instance sends as many wake-ups as it writes, and no more than its gap allows', () => {
    expect(wakeUpsOf(0)).toBe(0);
    expect(wakeUpsOf(1)).toBeCloseTo(1, 2);
    expect(wakeUpsOf(1e6)).toBeCloseTo(500, 0);
  });

  it('without writes and with room, cold instances load each item once: each of them, or with Redis one', () => {
    const cold = { ...settings, isCold: true };
    const loadsOf = (given: Load): number => {
      const { loads, seconds } = simulate(given, cold);
      return Math.round(loads * seconds);
    };
    expect(loadsOf(load)).toBe(3 * 50);
    expect(loadsOf({ ...load, isWithRedis: true })).toBe(50);
  });

  it('a part of the instances tells of all', () => {
    const many = { ...load, instances: 40, readsPerSecond: 40_000, items: 2_000, isWithRedis: true };
    const { loads, seconds } = simulate(many, { seed: 3, sample: 2, events: 20_000, isCold: true });
    expect((loads * seconds) / 2_000).toBeGreaterThan(0.7);
    expect((loads * seconds) / 2_000).toBeLessThan(1.3);
  });

  it('with one time to live, each item is loaded again once in it', () => {
    const { loads, misses } = trafficOf({ ...load, ttlMs: 10_000 });
    expect(loads).toBe(misses);
    expect(loads).toBeCloseTo((3 * 50) / (9.5 + 50 / 1_000), 6);
  });
});

describe('arithmetic and simulation', () => {
  it.each<[string, Partial<Load>]>([
    ['with Redis', { isWithRedis: true }],
    ['without', {}],
    ['with less room than items', { kept: 150 }],
    ['with popular items', { exponent: 0.99, isWithRedis: true }],
  ])('agree %s', (_, rest) => {
    const given = { ...load, items: 500, writesPerSecond: 60, ...rest };
    const computed = trafficOf(given);
    const simulated = simulate(given, { ...settings, events: 40_000 });
    const near = { asymmetricMatch: (ratio: number) => Math.abs(ratio - 1) < 0.12, toString: () => 'within 12 %' };
    for (const what of ['polls', 'misses', 'loads', 'publishes'] as const)
      if (computed[what] > 0) expect([what, simulated[what] / computed[what]]).toEqual([what, near]);
  });
});

it('comes to the same from the same seed, and to something else from another', () => {
  const given = { ...load, writesPerSecond: 30, isWithRedis: true };
  expect(simulate(given, settings)).toEqual(simulate(given, settings));
  expect(simulate(given, { ...settings, seed: 2 })).not.toEqual(simulate(given, settings));
});
