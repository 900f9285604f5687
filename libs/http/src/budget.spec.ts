import { slowness } from '../../../test/support/slowness';
import { Budget } from './budget';

const OPTIONS = { min: 4, calm: 16, max: 64 };

/** So many requests at once, one after the other, as long as they are let in; each takes so long. */
function drive(
  budget: Budget,
  { ms, callers, forMs, from }: { ms: number; callers: number; forMs: number; from: number },
): number {
  let now = from;
  for (; now < from + forMs; now += ms) {
    let running = 0;
    while (running < callers && !budget.isFull) {
      budget.enter();
      running++;
    }
    for (; running > 0; running--) budget.leave('/items', ms, now + ms);
  }
  return now;
}

it('lets more in while they take no longer, up to the most', () => {
  const budget = new Budget('read', OPTIONS);
  drive(budget, { ms: 10, callers: 1_000, forMs: 5_000, from: 0 });
  expect(budget.limit).toBe(64);
});

it('lets fewer in when they take longer than usual, down to the least, and more again soon after', () => {
  const budget = new Budget('read', OPTIONS);
  let now = drive(budget, { ms: 10, callers: 8, forMs: 1_000, from: 0 });
  now = drive(budget, { ms: 90, callers: 1_000, forMs: 2_000, from: now });
  expect(budget.limit).toBe(4);
  drive(budget, { ms: 10, callers: 12, forMs: 1_000, from: now });
  expect(budget.limit).toBeGreaterThan(12);
});

it('lets fewer in than its least, and sooner, while the event loop is late', () => {
  let lateness = 0;
  const budget = new Budget('read', { ...OPTIONS, min: 12, minLate: 4 }, () => lateness);
  let now = drive(budget, { ms: 10, callers: 8, forMs: 1_000, from: 0 });
  now = drive(budget, { ms: 30, callers: 1_000, forMs: 2_000, from: now });
  expect(budget.limit).toBe(64);
  now = drive(budget, { ms: 90, callers: 1_000, forMs: 2_000, from: now });
  expect(budget.limit).toBe(12);
  lateness = 6;
  now = drive(budget, { ms: 30, callers: 1_000, forMs: 2_000, from: now });
  expect(budget.limit).toBe(4);
  lateness = 0;
  drive(budget, { ms: 90, callers: 1_000, forMs: 200, from: now });
  expect(budget.limit).toBe(12);
});

it('takes a slow moment for no overload, however slow it is and however often it comes', () => {
  const budget = new Budget('read', OPTIONS);
  let now = drive(budget, { ms: 10, callers: 8, forMs: 1_000, from: 0 });
  for (let time = 0; time < 10; time++) {
    now = drive(budget, { ms: 90, callers: 1_000, forMs: 300, from: now });
    now = drive(budget, { ms: 10, callers: 1_000, forMs: 200, from: now });
    expect(budget.limit).toBeGreaterThanOrEqual(16);
  }
  // Nor for one that goes on where it left off before nobody asked for anything.
  now = drive(budget, { ms: 90, callers: 1_000, forMs: 300, from: now + 10_000 });
  expect(budget.limit).toBeGreaterThanOrEqual(16);
});

it('does not take the overload for what is usual', () => {
  const budget = new Budget('read', OPTIONS);
  const now = drive(budget, { ms: 10, callers: 8, forMs: 1_000, from: 0 });
  drive(budget, { ms: 90, callers: 1_000, forMs: 60_000, from: now });
  expect(budget.limit).toBe(4);
});

it('takes nothing for slow that is over in a moment, and no route for another', () => {
  const budget = new Budget('read', OPTIONS);
  const now = drive(budget, { ms: 0.2, callers: 8, forMs: 100, from: 0 });
  drive(budget, { ms: 4, callers: 1_000, forMs: 3_000, from: now });
  expect(budget.limit).toBe(64);
  for (let n = 0; n < 100; n++) {
    budget.enter();
    budget.leave('/search', 60, now + 4_000 + n * 20);
  }
  expect(budget.limit).toBeGreaterThanOrEqual(16);
});

it('stays as it is in calm, whatever it was before', () => {
  const budget = new Budget('read', OPTIONS);
  const now = drive(budget, { ms: 10, callers: 1_000, forMs: 5_000, from: 0 });
  drive(budget, { ms: 10, callers: 2, forMs: 20_000, from: now });
  expect(Math.round(budget.limit)).toBe(16);
});

describe('who is still sending counts', () => {
  let now = 1_000;
  beforeEach(() => void jest.spyOn(performance, 'now').mockImplementation(() => now));
  afterEach(() => void jest.restoreAllMocks());

  it('for a moment only, though nothing else is going on', () => {
    const budget = new Budget('write', OPTIONS);
    const windows = Array.from({ length: 16 }, () => budget.announce());
    now += 99;
    expect(budget.isFull).toBe(true);
    now += 1;
    expect(budget.isFull).toBe(false);
    // What is counted no more leaves no place twice.
    for (const window of windows) budget.arrived(window);
    for (let n = 0; n < 15; n++) budget.enter();
    expect(budget.isFull).toBe(false);
    budget.enter();
    expect(budget.isFull).toBe(true);
  });

  it('until it is here, and not with those who came long before it', () => {
    const budget = new Budget('write', OPTIONS);
    for (let n = 0; n < 15; n++) budget.announce();
    now += 1_000;
    const last = budget.announce();
    for (let n = 0; n < 15; n++) budget.enter();
    expect(budget.isFull).toBe(true);
    budget.arrived(last);
    expect(budget.isFull).toBe(false);
  });
});

it('costs less than a microsecond', () => {
  const budget = new Budget('write', OPTIONS);
  const COUNT = 200_000;
  const fastest = Math.min(
    ...Array.from({ length: 5 }, () => {
      const before = process.cpuUsage();
      for (let n = 0; n < COUNT; n++) {
        if (!budget.isFull) budget.arrived(budget.announce());
        budget.enter();
        budget.leave('/items', 1, performance.now());
      }
      const { user, system } = process.cpuUsage(before);
      return user + system;
    }),
  );
  expect(fastest / COUNT).toBeLessThan(slowness());
});
