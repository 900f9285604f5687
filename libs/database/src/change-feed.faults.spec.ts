import { setImmediate as nextTurn } from 'node:timers/promises';
import { pass, scriptedFeed, timed } from '../test/scripted-source';

let unhandled = 0;
const countUnhandled = (): number => unhandled++;

beforeEach(() => {
  unhandled = 0;
  process.on('unhandledRejection', countUnhandled);
  jest.useFakeTimers();
  jest.advanceTimersByTime(1_000);
});
afterEach(async () => {
  jest.clearAllTimers();
  jest.useRealTimers();
  await nextTurn();
  process.off('unhandledRejection', countUnhandled);
  expect(unhandled).toBe(0);
});

describe('a source that fails', () => {
  it.each(['connectFailure', 'pollFailure'] as const)('with a %s is asked again every 50 ms', async (failure) => {
    const { feed, source, told } = scriptedFeed();
    source[failure] = new Error('no');
    expect(await timed(feed.poll())).toEqual([false, 0]);
    await pass(500);
    expect(told).toEqual(Array.from({ length: 11 }, () => 'lost: no'));
    source[failure] = undefined;
    await pass(50);
    expect(feed.isFresh()).toBe(true);
  });

  it('makes nobody wait, right after it has failed', async () => {
    const { feed, source } = scriptedFeed();
    source.connectFailure = new Error('no');
    expect(await timed(feed.refresh())).toEqual([false, 0]);
    source.connectFailure = undefined;
    source.connectMs = Infinity;
    await pass(49);
    expect(await timed(feed.refresh())).toEqual([false, 0]);
    await pass(1);
    expect(await timed(feed.refresh())).toEqual([false, 250]);
  });

  it('and comes back is fresh at once for the next who asks', async () => {
    const { feed, source } = scriptedFeed();
    source.pollFailure = new Error('no');
    await feed.refresh();
    await pass(2_000);
    source.pollFailure = undefined;
    expect(await timed(feed.refresh())).toEqual([true, 0]);
  });

  it('leaves what it has not told for the next poll', async () => {
    const { feed, source, told } = scriptedFeed();
    await feed.poll();
    source.commit('a:1');
    source.pollFailure = new Error('no');
    await feed.poll();
    source.pollFailure = undefined;
    await feed.poll();
    expect(told).toEqual(['lost: no', 'changed: a:1']);
  });

  it.each(['connectMs', 'pollMs'] as const)('to answer, with %s, makes nobody wait for long', async (kind) => {
    const { feed, source } = scriptedFeed();
    source[kind] = Infinity;
    expect(await timed(feed.refresh())).toEqual([false, 250]);
    expect(await timed(Promise.all([feed.refresh(), feed.refresh()]))).toEqual([[false, false], 250]);
  });

  it('to answer soon is waited for, and once more if what was under way is too old', async () => {
    const { feed, source } = scriptedFeed();
    source.pollMs = 200;
    expect(await timed(feed.refresh())).toEqual([true, 200]);
    // The poll that followed the first one began, after a timer of 1 ms, too long before this call.
    await pass(1 + 101);
    expect(await timed(feed.refresh())).toEqual([true, 99 + 200]);
  });
});

describe('another server', () => {
  it('voids all that was read before', async () => {
    const { feed, source, told } = scriptedFeed();
    await feed.poll();
    source.server = { epoch: 'second', loggedTables: new Set(['b']) };
    source.pollMs = 20;
    const polled = feed.poll();
    await pass(10);
    expect([feed.generation, feed.isFresh(), feed.snapshot]).toEqual([1, false, undefined]);
    expect([told, feed.epoch, [...feed.loggedTables]]).toEqual([['reset'], 'second', ['b']]);
    await timed(polled);
    expect([feed.isFresh(), source.asked.at(-1)]).toEqual([true, undefined]);
    expect([told, feed.generation]).toEqual([['reset'], 1]);
  });

  it('is not meant by another connection', async () => {
    const { feed, source, told } = scriptedFeed();
    await feed.poll();
    const { snapshot } = feed;
    source.server = { epoch: 'first', loggedTables: new Set(['a', 'b']) };
    source.commit('a:1');
    await feed.poll();
    expect(source.asked.at(-1)).toEqual(snapshot);
    expect([told, feed.generation, feed.loggedTables.size]).toEqual([['changed: a:1'], 0, 2]);
  });
});

describe('a log that was cut off', () => {
  it.each([
    ['above what was seen last', 11, [], 1],
    ['exactly where it was seen last', 10, [], 0],
    ['above a transaction that was in progress', 9, [8], 1],
    ['at a transaction that was in progress', 8, [8], 0],
  ])('%s voids what was read before, or does not: %d %j %d', async (_, floor, inProgress, resets) => {
    const { feed, source, told } = scriptedFeed();
    source.inProgress.push(...inProgress);
    await feed.poll();
    source.inProgress.length = 0;
    const { snapshot } = feed;
    source.commit('a:1');
    source.commit('a:2');
    source.floor = floor;
    await feed.poll();
    expect([feed.generation, feed.isFresh(), feed.snapshot?.xmax]).toEqual([resets, true, 12]);
    expect(told).toEqual(resets === 1 ? ['reset'] : ['changed: a:1', 'changed: a:2']);
    expect(feed.known.covers(snapshot!, ['b:1'])).toBe(resets === 0);
    await feed.poll();
    expect(feed.generation).toBe(resets);
  });
});

describe('what has changed', () => {
  it('is dropped by all listeners, also when one of them throws', async () => {
    const { feed, source, told } = scriptedFeed();
    const broken = jest.fn().mockImplementationOnce(() => {
      throw new Error('broken');
    });
    const others: string[] = [];
    feed.listen({ changed: broken, reset: () => undefined });
    feed.listen({ changed: (tags) => others.push(...tags), reset: () => others.push('all') });
    await feed.poll();
    source.commit('a:1');
    await feed.poll();
    await feed.poll();
    expect([broken.mock.calls.length > 0, told.length > 0]).toEqual([true, true]);
    expect(feed.isFresh() && others.length === 0).toBe(false);
  });

  it('is dropped, also when something else has changed that nobody understands', async () => {
    const { feed, source, told } = scriptedFeed();
    await feed.poll();
    source.commit(null as unknown as string);
    source.commit('a:1');
    for (let polls = 0; polls < 3; polls++) await feed.poll();
    const isDropped = told.includes('reset') || told.includes('changed: a:1');
    expect(feed.isFresh() && !isDropped).toBe(false);
  });
});

describe('a wake-up', () => {
  it('has the feed look at once, and once', async () => {
    const { feed, source } = scriptedFeed();
    await feed.refresh();
    await pass(10);
    feed.wake();
    feed.wake();
    feed.wake();
    await pass(0);
    expect(source.asked.length).toBe(2);
    await pass(24);
    expect(source.asked.length).toBe(2);
    await pass(1);
    expect(source.asked.length).toBe(3);
  });

  it('waits until 5 ms after the last poll began', async () => {
    const { feed, source } = scriptedFeed();
    await feed.refresh();
    feed.wake();
    await pass(4);
    expect(source.asked.length).toBe(1);
    await pass(1);
    expect(source.asked.length).toBe(2);
  });

  it('during a poll has it look once more behind it', async () => {
    const { feed, source } = scriptedFeed();
    source.pollMs = 10;
    void feed.refresh();
    await pass(5);
    feed.wake();
    feed.wake();
    await pass(5);
    expect(source.asked.length).toBe(2);
    await pass(10);
    expect(source.asked.length).toBe(2);
  });

  it('does not wake whom nobody uses, nor what is closed', async () => {
    const { feed, source } = scriptedFeed();
    await feed.refresh();
    await pass(1_200);
    const polls = source.asked.length;
    feed.wake();
    await pass(100);
    expect(source.asked.length).toBe(polls);
    await feed.refresh();
    await feed.close();
    feed.wake();
    await pass(100);
    expect(source.asked.length).toBe(polls + 1);
  });
});

describe('once it is closed', () => {
  it('nothing is fresh, no timer runs, no poll begins', async () => {
    const { feed, source } = scriptedFeed();
    await feed.refresh();
    await feed.close();
    expect([feed.isFresh(), source.isConnected, jest.getTimerCount()]).toEqual([false, false, 0]);
    expect(await timed(feed.poll())).toEqual([false, 0]);
    expect(await timed(feed.refresh())).toEqual([false, 0]);
    await timed(feed.committed(source.commit('a:1')));
    await pass(1_000);
    expect([feed.isFresh(), source.asked.length, jest.getTimerCount()]).toEqual([false, 1, 0]);
  });

  it('a poll that is under way ends, and says nothing', async () => {
    const { feed, source, told } = scriptedFeed();
    source.pollMs = Infinity;
    const polled = feed.poll();
    const next = feed.poll();
    await pass(1);
    await feed.close();
    expect(await timed(Promise.all([polled, next]))).toEqual([[false, false], 0]);
    expect([told, source.asked.length, jest.getTimerCount()]).toEqual([[], 1, 0]);
  });
});
