import { Lateness } from './lateness';

const workFor = (ms: number): void => {
  for (const endsAt = performance.now() + ms; performance.now() < endsAt;);
};
const turn = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it('is how long what is due has to wait, on average over a tenth of a second', async () => {
  const lateness = new Lateness();
  await turn(50);
  lateness.ms(0);
  for (let n = 0; n < 10; n++) {
    workFor(60);
    await turn();
  }
  const late = lateness.ms(100);
  expect(late).toBeGreaterThan(40);
  await turn(100);
  expect(lateness.ms(150)).toBe(late);
  expect(lateness.ms(200)).toBeLessThan(late / 4);
});
