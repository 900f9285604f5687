import { pass, scriptedFeed } from '../test/scripted-source';

beforeEach(() => {
  jest.useFakeTimers();
  jest.advanceTimersByTime(1_000);
});
afterEach(() => {
  jest.clearAllTimers();
  jest.useRealTimers();
});

const overdue = ({ feed }: ReturnType<typeof scriptedFeed>): number => feed.overdue.at(performance.now());

test('a feed that nobody uses is not overdue, however long ago it looked', async () => {
  const scripted = scriptedFeed();
  expect(overdue(scripted)).toBe(0);
  await scripted.feed.refresh();
  await pass(60_000);
  expect(scripted.feed.lagMs).toBeGreaterThan(50_000);
  expect(overdue(scripted)).toBe(0);
});

test.each(['pollFailure', 'pollMs'] as const)(
  'with a %s it is since somebody wanted a look, until one succeeds',
  async (kind) => {
    const scripted = scriptedFeed();
    const { feed, source } = scripted;
    await feed.refresh();
    await pass(5_000);
    if (kind === 'pollMs') source.pollMs = Infinity;
    else source.pollFailure = new Error('no');
    for (let second = 0; second < 30; second++) {
      void feed.refresh();
      await pass(1_000);
    }
    expect(overdue(scripted)).toBe(30_000);
    source.pollMs = 0;
    source.pollFailure = undefined;
    await source.close();
    void feed.refresh();
    await pass(1_000);
    expect(overdue(scripted)).toBe(0);
  },
);

test('once nobody has wanted a look for ten seconds it is not overdue, and the next who does counts from the beginning', async () => {
  const scripted = scriptedFeed();
  const { feed, source } = scripted;
  source.pollFailure = new Error('no');
  await feed.refresh();
  await pass(10_000);
  expect(overdue(scripted)).toBe(10_000);
  await pass(1);
  expect(overdue(scripted)).toBe(0);
  await feed.refresh();
  await pass(2_000);
  expect(overdue(scripted)).toBe(2_000);
});
