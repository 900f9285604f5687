import { figuresOf } from './rows.of-time';

const MIB = 2 ** 20;

/** Sixty samples in an hour, whose bytes go up and down by a MiB. */
const samplesOf = (mibPerHour: number, handles: (n: number) => number) =>
  Array.from({ length: 60 }, (_, n) => {
    const hours = n / 60;
    return { hours, bytes: (50 + hours * mibPerHour + (n % 2)) * MIB, handles: handles(n) };
  });
const verdictsOf = (mibPerHour: number, handles = (n: number): number => 40 + (n % 3)): boolean[] =>
  figuresOf(samplesOf(mibPerHour, handles), 1).map(({ isGood }) => isGood);

it('tells what grows from what goes up and down', () => {
  expect([verdictsOf(0), verdictsOf(0.9), verdictsOf(1.2)]).toEqual([
    [true, true],
    [true, true],
    [false, true],
  ]);
  expect(
    figuresOf(
      samplesOf(5, () => 1),
      1,
    )[0]?.seen,
  ).toBe('5.05 MiB/h (50.0 to 55.9 MiB)');
});

it('tells handles that become more from those that were open for a moment', () => {
  expect(verdictsOf(0, (n) => 40 + Math.floor(n / 30))).toEqual([true, false]);
  expect(verdictsOf(0, (n) => (n === 50 ? 45 : 40))).toEqual([true, true]);
});
