// The short form of `npm run check:overload`; its bounds are wide, for the machine may have other things to do.
import { overload } from './overload';

const FACTOR = 4;
const SECONDS = 3;

it('refuses what is too much at once and openly, answers the rest, and is itself again at once', async () => {
  const { goodput, refusals, wrong, cachedRefused, recoveryMs, growth } = await overload(FACTOR, SECONDS);
  expect(refusals).toBeGreaterThan(0);
  expect(goodput).toBeGreaterThan(0.4);
  expect({ wrong, cachedRefused }).toEqual({ wrong: 0, cachedRefused: 0 });
  expect(recoveryMs).toBeLessThan(2_500);
  expect(growth).toBeLessThan(150);
}, 120_000);
