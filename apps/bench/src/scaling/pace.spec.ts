// The pace of the simulation is that of the real change feed, poll for poll.
import { pass, type Scripted, scriptedFeed } from '../../../../libs/database/test/scripted-source';
import { Agenda } from './agenda';
import { Pace } from './pace';
import { randomOf } from './random';

const STALENESS_MS = 100;

type Deed = 'use' | 'wake' | 'commit';
interface Script {
  readonly name: string;
  readonly pollMs: number;
  /** In each millisecond, how likely. */
  readonly chances: Readonly<Record<Deed, number>>;
  readonly lasts: number;
}

const scripts: Script[] = [
  { name: 'used and left alone', pollMs: 1, chances: { use: 0.02, wake: 0, commit: 0 }, lasts: 2_000 },
  { name: 'used now and then', pollMs: 2, chances: { use: 0.0006, wake: 0.01, commit: 0 }, lasts: 8_000 },
  { name: 'woken seldom', pollMs: 1, chances: { use: 0.02, wake: 0.02, commit: 0 }, lasts: 2_000 },
  { name: 'woken all the time', pollMs: 2, chances: { use: 0.02, wake: 0.7, commit: 0 }, lasts: 1_000 },
  { name: 'writing', pollMs: 3, chances: { use: 0.05, wake: 0.05, commit: 0.1 }, lasts: 2_000 },
  { name: 'slow to be answered', pollMs: 30, chances: { use: 0.05, wake: 0.02, commit: 0.02 }, lasts: 3_000 },
];

const deedsOf = ({ chances, lasts }: Script): { at: number; deed: Deed }[] => {
  const random = randomOf(7);
  return Array.from({ length: lasts }, (_, at) => at + 1).flatMap((at) =>
    (['use', 'wake', 'commit'] as const).filter((deed) => random() < chances[deed]).map((deed) => ({ at, deed })),
  );
};

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function act({ feed, source }: Scripted, deed: Deed): void {
  if (deed === 'use') void feed.refresh();
  else if (deed === 'wake') feed.wake();
  else void feed.committed(source.commit('a:1'));
}

async function realPolls(script: Script): Promise<number> {
  const real = scriptedFeed(STALENESS_MS);
  real.source.pollMs = script.pollMs;
  act(real, 'use');
  let now = 0;
  for (const { at, deed } of deedsOf(script)) {
    await pass(at - now);
    now = at;
    act(real, deed);
  }
  await pass(0);
  const polls = real.source.asked.length;
  await real.feed.close();
  return polls;
}

function simulatedPolls(script: Script): number {
  const agenda = new Agenda();
  const nothing = (): void => undefined;
  const pace = new Pace(agenda, {
    stalenessMs: STALENESS_MS,
    pollMs: script.pollMs,
    began: nothing,
    answered: nothing,
  });
  const deeds = deedsOf(script);
  let isOver = false;
  // A little later than what is due at the same moment: there, too, timers come first.
  deeds.forEach(({ at, deed }, index) => agenda.add(at + (index + 1) * 1e-5, () => pace[deed]()));
  agenda.add((deeds.at(-1)?.at ?? 0) + deeds.length * 1e-5 + 1e-6, () => (isOver = true));
  pace.use();
  while (!isOver && agenda.step());
  return pace.polls;
}

it.each(scripts)('polls as often as the real feed when $name', async (script) => {
  const polls = await realPolls(script);
  expect(polls).toBeGreaterThan(10);
  expect(Math.abs(simulatedPolls(script) - polls)).toBeLessThanOrEqual(polls / 100);
});
