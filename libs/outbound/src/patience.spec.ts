import { Patience } from './patience';

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

it('leaves no timer behind when a pause is ended early', async () => {
  const stop = new AbortController();
  const before = timers();
  const pause = new Patience(5_000, stop.signal).pause(3_000);
  expect(timers()).toBe(before + 2);
  stop.abort();
  await expect(pause).rejects.toMatchObject({ code: 'aborted' });
  expect(timers()).toBe(before);
});
