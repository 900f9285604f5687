import { IntakeSlots } from './items.intake.slots';

it('lets so many in at a time, and of those that wait the lowest rank first', async () => {
  const slots = new IntakeSlots(2);
  const entered: number[] = [];
  const leaves: (() => void)[] = [];
  const enter = (rank: number): void =>
    void slots.enter(rank).then((leave) => {
      entered.push(rank);
      leaves.push(leave);
    });
  for (const rank of [9, 8, 7, 5, 6]) enter(rank);
  await settled();
  expect(entered).toEqual([9, 8]);
  for (let left = 5; left > 0; left--) {
    leaves.shift()?.();
    await settled();
  }
  expect(entered).toEqual([9, 8, 5, 6, 7]);
  for (const rank of [1, 2, 3]) enter(rank);
  await settled();
  expect(entered.slice(5)).toEqual([1, 2]);
});

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
