import type { FeedOutcome, JobEvent, JobState } from '../feeds/feeds.jobs.service';
import { followJob, outcomeLine } from './feeds-view';

const outcome = (more: Partial<FeedOutcome> = {}): FeedOutcome => ({
  ...{ feedId: 'f', name: 'Acme', state: 'succeeded', status: 200, received: 1_200, created: 1_000, updated: 100 },
  ...{ unchanged: 90, rejected: 10, cleared: 0, attempts: 1, bytes: 9, milliseconds: 412, code: null, detail: null },
  errors: [],
  ...more,
});
const progress = { feeds: 1, queued: 0, running: 0, succeeded: 1, unchanged: 0, failed: 0, cancelled: 0 };
const rows = { received: 1_200, created: 1_000, updated: 100, rejected: 10 };
const job = (more: object = {}): JobState => ({
  ...{ id: 'j', state: 'done', createdAt: '', finishedAt: '' },
  progress: { ...progress, ...rows, ...more },
});

/** What a job that tells these events leaves on a terminal, and on one that is none. */
async function shown(events: JobEvent[], isTTY: boolean): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const streams = {
    stdout: { write: (text: string) => (out += text) },
    stderr: { isTTY, write: (text: string) => (err += text) },
  };
  const source = (async function* () {
    yield* events;
  })();
  const code = await followJob(source, new AbortController().signal, streams as never);
  return { code, out, err };
}

describe('the line of a feed', () => {
  it.each([
    [{}, 'succeeded 200    412 ms  Acme  1,200 rows: 1,000 created, 100 updated, 90 unchanged, 10 rejected'],
    [{ state: 'unchanged', status: 304, received: 0 } as const, 'unchanged 304    412 ms  Acme  nothing new'],
    [
      { state: 'failed', status: null, received: 0, code: 'dns', detail: 'No such\x1b[2J host.' } as const,
      'failed    ---    412 ms  Acme   (dns: No such?[2J host.)',
    ],
  ])('%j', (more, line) => expect(outcomeLine(outcome(more))).toBe(line));
});

describe('a job that is followed', () => {
  const events: JobEvent[] = [
    { event: 'progress', data: job({ running: 1, succeeded: 0 }) },
    { event: 'feed', id: '1', data: outcome() },
    { event: 'done', id: '1', data: job() },
  ];

  it('is a line for each feed and one for all, and moves only on a terminal', async () => {
    const [piped, seen] = [await shown(events, false), await shown(events, true)];
    expect(piped).toMatchObject({ code: 0, err: '' });
    expect(piped.out.split('\n')).toHaveLength(3);
    expect(piped.out).toMatch(/\nDone in \d+\.\d s: 1 feeds read, 0 unchanged, 0 failed; 1,200 rows: 1,000 created/);
    expect(seen.err).toContain('1 being read, 0 wait');
  });

  it('ends with 1 if a feed failed', async () => {
    expect((await shown([{ event: 'done', id: '1', data: job({ failed: 1 }) }], false)).code).toBe(1);
  });
});
