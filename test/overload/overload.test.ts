// The short form of `npm run check:overload`; its bounds are wide, for the machine may have other things to do.
import { type Overload, overload } from './overload';

const FACTOR = 4;
const SECONDS = 3;

/** What other suites do meanwhile can take away from any one run what the peak had before. */
const ATTEMPTS = 3;

it('refuses what is too much at once and openly, answers the rest, and is itself again at once', async () => {
  const runs: Overload[] = [];
  const isSwift = ({ goodput, recoveryMs }: Overload) => goodput > 0.4 && recoveryMs < 2_500;
  while (runs.length < ATTEMPTS && !runs.some(isSwift)) runs.push(await overload(FACTOR, SECONDS));
  for (const { refusals, wrong, cachedRefused, growth } of runs) {
    expect(refusals).toBeGreaterThan(0);
    expect({ wrong, cachedRefused }).toEqual({ wrong: 0, cachedRefused: 0 });
    expect(growth).toBeLessThan(150);
  }
  expect(runs.filter(isSwift)).toHaveLength(1);
}, 180_000);
