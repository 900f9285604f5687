import { pass, scriptedFeed, timed } from '../test/scripted-source';

beforeEach(() => {
  jest.useFakeTimers();
  // The clock of a process that runs.
  jest.advanceTimersByTime(1_000);
});
afterEach(() => {
  jest.clearAllTimers();
  jest.useRealTimers();
});

describe('freshness', () => {
  it('begins with the first poll', async () => {
    const { feed } = scriptedFeed();
    expect([feed.isFresh(), feed.snapshot, feed.epoch, feed.loggedTables.size, feed.lagMs]).toEqual([
      false,
      undefined,
      undefined,
      0,
      Infinity,
    ]);
    expect(await timed(feed.refresh())).toEqual([true, 0]);
    expect([feed.isFresh(), feed.snapshot, feed.epoch, [...feed.loggedTables], feed.lagMs]).toEqual([
      true,
      { xmin: 10, xmax: 10, inProgress: [] },
      'first',
      ['a'],
      0,
    ]);
  });

  it('counts from the moment at which the poll was sent', async () => {
    const { feed, source } = scriptedFeed();
    source.connectMs = 500;
    source.pollMs = 30;
    const sentAt = performance.now() + 500;
    expect(await timed(feed.poll())).toEqual([true, 530]);
    expect([feed.freshUntil, feed.lagMs]).toEqual([sentAt + 100, 30]);
  });

  it('ends after Δ when nothing more is heard', async () => {
    const { feed, source } = scriptedFeed();
    await feed.poll();
    source.pollMs = Infinity;
    await pass(100);
    expect(feed.isFresh()).toBe(true);
    await pass(1);
    expect(feed.isFresh()).toBe(false);
  });

  it('does not begin with an answer that took longer than Δ, but for those who asked before', async () => {
    const { feed, source } = scriptedFeed();
    source.pollMs = 101;
    const askedAt = performance.now();
    expect(await timed(feed.poll())).toEqual([true, 101]);
    expect([feed.isFresh(), feed.isFresh(askedAt + 100), feed.isFresh(askedAt + 101)]).toEqual([false, true, false]);
    source.pollMs = 100;
    await timed(feed.poll());
    expect(feed.isFresh()).toBe(true);
  });

  it('lasts while somebody uses it, with a poll every quarter of Δ', async () => {
    const { feed, source } = scriptedFeed();
    await feed.refresh();
    for (let ms = 0; ms < 3_000; ms++) {
      feed.isUsed = true;
      await pass(1);
      expect(feed.isFresh()).toBe(true);
    }
    expect(source.asked.length).toBe(1 + 3_000 / 25);
  });

  it('costs nothing when nobody has used it for a second, until somebody does', async () => {
    const { feed, source } = scriptedFeed();
    await feed.refresh();
    await pass(1_200);
    expect(feed.isFresh()).toBe(false);
    expect(jest.getTimerCount()).toBe(0);
    const polls = source.asked.length;
    await pass(60_000);
    expect(source.asked.length).toBe(polls);
    expect(await timed(feed.refresh())).toEqual([true, 0]);
    await pass(500);
    expect(feed.isFresh()).toBe(true);
    expect(source.asked.length).toBe(polls + 1 + 500 / 25);
  });
});

describe('one poll', () => {
  it('is enough for all who want freshness at once', async () => {
    const { feed, source } = scriptedFeed();
    source.pollMs = 10;
    const all = Promise.all(Array.from({ length: 100 }, () => feed.refresh()));
    expect(await timed(all)).toEqual([Array.from({ length: 100 }, () => true), 10]);
    expect(source.asked.length).toBe(1);
    expect(await timed(feed.refresh())).toEqual([true, 0]);
    expect(source.asked.length).toBe(1);
  });

  it('that begins after the call, and no earlier one, is what poll() waits for', async () => {
    const { feed, source } = scriptedFeed();
    source.pollMs = 10;
    const early = feed.poll();
    await pass(5);
    const xid = source.commit('a:1');
    const late = Promise.all(Array.from({ length: 100 }, () => feed.poll()));
    expect(await timed(early)).toEqual([true, 5]);
    expect(feed.snapshot?.xmax).toBe(xid);
    await timed(late);
    expect(feed.snapshot?.xmax).toBe(xid + 1);
    expect(source.asked.length).toBe(2);
  });

  it('tells what it has changed, and the first one nothing', async () => {
    const { feed, source, told } = scriptedFeed();
    source.commit('a:1');
    await feed.poll();
    expect(told).toEqual([]);
    source.commit('a:2', 'a:3');
    source.commit('b:*');
    await feed.poll();
    await feed.poll();
    expect(told).toEqual(['changed: a:2,a:3', 'changed: b:*']);
    expect(feed.known.size).toBe(4);
  });
});

describe('a transaction', () => {
  it('that is seen is reached without a poll', async () => {
    const { feed, source } = scriptedFeed();
    const xid = source.commit('a:1');
    await feed.poll();
    expect(await timed(feed.reach(xid))).toEqual([true, 0]);
    expect(source.asked.length).toBe(1);
  });

  it('that is not seen yet is reached by one poll', async () => {
    const { feed, source } = scriptedFeed();
    await feed.poll();
    const xid = source.commit('a:1');
    source.pollMs = 10;
    expect(await timed(feed.reach(xid))).toEqual([true, 10]);
    expect(source.asked.length).toBe(2);
  });

  it('is reached by two polls at most, however many wait for it', async () => {
    const { feed, source } = scriptedFeed();
    await feed.poll();
    const xid = source.commit('a:1');
    await Promise.all(Array.from({ length: 100 }, () => feed.reach(xid)));
    expect(source.asked.length).toBeLessThanOrEqual(3);
  });

  it('that was committed while a poll was under way is reached by the next', async () => {
    const { feed, source } = scriptedFeed();
    source.pollMs = 10;
    void feed.poll();
    await pass(5);
    const xid = source.commit('a:1');
    expect(await timed(feed.reach(xid))).toEqual([true, 15]);
  });

  it('that does not exist is not reached, after one poll', async () => {
    const { feed, source } = scriptedFeed();
    await feed.poll();
    expect(await timed(feed.reach(99))).toEqual([false, 0]);
    expect(source.asked.length).toBe(2);
  });

  it('is not reached within a second if the source hangs', async () => {
    const { feed, source } = scriptedFeed();
    await feed.poll();
    source.pollMs = Infinity;
    expect(await timed(feed.reach(99))).toEqual([false, 1_000]);
  });

  it('that this process has committed is seen before it is told', async () => {
    const { feed, source, told } = scriptedFeed();
    await feed.poll();
    source.pollMs = 10;
    const xid = source.commit('a:1');
    expect(await timed(feed.committed(xid))).toEqual([undefined, 10]);
    expect(told).toEqual(['committed', 'changed: a:1']);
    expect(feed.isFresh()).toBe(true);
  });

  it('that this process has committed takes freshness with it if it cannot be seen', async () => {
    const { feed, source } = scriptedFeed(5_000);
    await feed.poll();
    source.pollMs = Infinity;
    expect(await timed(feed.committed(source.commit('a:1')))).toEqual([undefined, 1_000]);
    expect([feed.isFresh(), feed.isFresh(1_000), feed.lacksOwnCommit]).toEqual([false, false, true]);
  });

  it('costs no poll when nothing is shown anyway', async () => {
    const { feed, source, told } = scriptedFeed();
    expect(await timed(feed.committed(source.commit('a:1')))).toEqual([undefined, 0]);
    expect([told, source.asked]).toEqual([['committed'], []]);
  });

  it('is lacking until a poll sees it, even when nothing is shown anyway', async () => {
    const { feed, source } = scriptedFeed();
    await feed.poll();
    expect(feed.lacksOwnCommit).toBe(false);
    await pass(5_000);
    await timed(feed.committed(source.commit('a:1')));
    expect(feed.lacksOwnCommit).toBe(true);
    await feed.poll();
    expect(feed.lacksOwnCommit).toBe(false);
  });

  it('is waited for when a poll from before it might make things fresh', async () => {
    const { feed, source } = scriptedFeed();
    source.pollMs = 10;
    void feed.poll();
    const xid = source.commit('a:1');
    await timed(feed.committed(xid));
    expect([feed.isFresh(), feed.snapshot?.xmax]).toEqual([true, xid + 1]);
  });

  it('is not forgotten when a poll from before it answers very late', async () => {
    const { feed, source } = scriptedFeed(5_000);
    source.pollMs = 1_200;
    void feed.poll();
    await pass(1);
    await timed(feed.committed(source.commit('a:1')));
    await pass(250);
    // The first poll has answered, and the second has not.
    expect(source.asked.length).toBe(2);
    expect(feed.isFresh()).toBe(false);
    await pass(1_200);
    expect(feed.isFresh()).toBe(true);
  });
});
