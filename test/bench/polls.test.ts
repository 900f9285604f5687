// What a fleet asks of PostgreSQL is reckoned from the polls of one instance: a real one must poll as often as the model says.
import { pollsOf } from '../../apps/bench/src/scaling/arithmetic';
import { ChangeFeed } from '@app/database';
import { Telemetry } from '@app/telemetry';
import { TestApi } from '../support/api';

const STALENESS_MS = 100;
const POLLS = 40;
/** A busy machine wakes its timers late; one of these windows must not have been disturbed. */
const WINDOWS = 15;

let api: TestApi;
beforeAll(async () => (api = await TestApi.start()));
afterAll(() => api?.close());

it('polls as often as the model says, within a fifth', async () => {
  const feed = api.app.get(ChangeFeed);
  let polls = 0;
  let pollMs = 0;
  let count: () => void = () => undefined;
  api.app.get(Telemetry).on('changes.polled', ({ durationMs }) => {
    polls++;
    pollMs += durationMs;
    feed.isUsed = true;
    count();
  });
  const seen: number[] = [];
  await feed.refresh();
  for (let window = 0; window < WINDOWS; window++) {
    [polls, pollMs] = [0, 0];
    const startedAt = performance.now();
    await new Promise<void>((resolve) => (count = () => polls === POLLS && resolve()));
    const perSecond = (1_000 * POLLS) / (performance.now() - startedAt);
    const ratio = perSecond / pollsOf({ stalenessMs: STALENESS_MS, pollMs: pollMs / POLLS }, 0, 0);
    // Too often is never the machine's fault.
    expect(ratio).toBeLessThan(1.2);
    if (ratio > 0.8) return;
    seen.push(ratio);
  }
  throw new Error(
    `It polled less often than it should: ${seen.map((one) => one.toFixed(2)).join(', ')} of what the model says.`,
  );
});
