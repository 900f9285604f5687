import { atLeast, EXACTLY, none, type Row, SHORT, within } from './row';
import { ROWS } from './rows';
import { describeVerdict, judge } from './verdict';

const row = (run?: Row['run']): Row => ({
  name: 'one',
  fault: 'a fault',
  programs: ['there'],
  run,
  where: 'elsewhere',
});
const isInstalled = (): boolean => true;

it('passes when every figure is good, and else names the one that is not', async () => {
  const good = await judge(
    row(async () => [none('lost', 0), within('wait', 10, 10, EXACTLY)]),
    SHORT,
    isInstalled,
  );
  expect(good.outcome).toBe('passed');
  const bad = await judge(
    row(async () => [none('lost', 0), atLeast('asked', 9, 10)]),
    SHORT,
    isInstalled,
  );
  expect(bad.outcome).toBe('failed');
  expect(describeVerdict(bad)).toMatch(/^FAILED {3}one .*\n +lost +0 +0\n +! asked +9 +≥ 10$/);
});

it('fails when it could not look', async () => {
  const broken = await judge(
    row(() => Promise.reject(new Error('no server'))),
    SHORT,
    isInstalled,
  );
  expect(broken).toMatchObject({ outcome: 'failed', because: expect.stringContaining('no server') });
  expect(
    (
      await judge(
        row(async () => []),
        SHORT,
        isInstalled,
      )
    ).outcome,
  ).toBe('failed');
  const lacking = await judge(
    row(async () => []),
    SHORT,
    () => false,
  );
  expect(lacking).toMatchObject({ outcome: 'failed', because: 'needs there on the PATH' });
});

it('says where a row is run that is not run here', async () => {
  expect(await judge(row(), SHORT, isInstalled)).toMatchObject({ outcome: 'not run', because: 'elsewhere' });
});

it('widens bars of time in the short form, and no others', () => {
  expect([within('wait', 50, 10, SHORT).isGood, within('wait', 51, 10, SHORT).isGood]).toEqual([true, false]);
  expect(none('lost', 1, { ECONNRESET: 1 })).toMatchObject({ isGood: false, seen: '1: {"ECONNRESET":1}' });
});

it('has every row once, each with a way to run it', () => {
  expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length);
  expect(ROWS.filter(({ run, where }) => !run && !where)).toEqual([]);
});
