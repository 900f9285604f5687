import type { FeedOutcome, JobEvent, JobState } from '../feeds/feeds.jobs.service';
import { number, progressLine } from './progress';
import { EXIT, Stopped } from './stopped';

/** Nobody has begun for so long. */
const PATIENCE_MS = 3_000;

/** Shows a job until it is done: a line for each feed, and on a terminal one below that moves. */
export async function followJob(
  events: AsyncGenerator<JobEvent>,
  signal: AbortSignal,
  { stdout, stderr } = process,
): Promise<number> {
  const startedAt = performance.now();
  const clear = stderr.isTTY ? '\r\x1b[K' : '';
  const idle = setTimeout(
    () =>
      stderr.write(
        `${clear}No worker has begun yet: start one by \`npm run worker\`, or the service by \`npm start\`.\n`,
      ),
    PATIENCE_MS,
  );
  const interrupted = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(new Stopped('The job goes on without being watched.'))),
  );
  try {
    for (;;) {
      const next = await Promise.race([events.next(), interrupted]);
      if (next.done) throw new Stopped('The job can no longer be followed.');
      const event = next.value;
      if ('comment' in event) continue;
      if (event.event === 'feed') stdout.write(`${clear}${outcomeLine(event.data)}\n`);
      else {
        if (event.data.progress.queued < event.data.progress.feeds) clearTimeout(idle);
        if (stderr.isTTY) stderr.write(`${clear}${stateLine(event.data, performance.now() - startedAt)}`);
      }
      if (event.event !== 'done') continue;
      stdout.write(`${clear}${summaryOf(event.data, (performance.now() - startedAt) / 1_000)}\n`);
      return event.data.progress.failed > 0 ? EXIT.rejected : EXIT.done;
    }
  } finally {
    clearTimeout(idle);
  }
}

/** A name and a reason come from elsewhere: they must not reach the terminal as commands to it. */
const plain = (text: string): string => text.replace(/\p{C}/gu, '?');

export function outcomeLine(one: FeedOutcome): string {
  const rows =
    `${number(one.received)} rows: ${number(one.created)} created, ${number(one.updated)} updated, ` +
    `${number(one.unchanged)} unchanged, ${number(one.rejected)} rejected` +
    (one.cleared > 0 ? `, ${number(one.cleared)} cleared` : '');
  const reason = one.detail === null ? '' : ` (${one.code}: ${plain(one.detail)})`;
  const what = one.state === 'unchanged' ? 'nothing new' : one.received > 0 || !reason ? rows : '';
  return `${one.state.padEnd(9)} ${String(one.status ?? '---')} ${number(one.milliseconds).padStart(6)} ms  ${plain(one.name)}  ${what}${reason}`;
}

function stateLine({ progress }: JobState, elapsedMs: number): string {
  const { feeds, queued, running, received } = progress;
  const share = feeds === 0 ? 1 : (feeds - queued - running) / feeds;
  return `${progressLine({ rows: received, share }, elapsedMs)} · ${number(running)} being read, ${number(queued)} wait`;
}

const summaryOf = ({ state, progress: all }: JobState, seconds: number): string =>
  `${state === 'cancelled' ? 'Cancelled' : 'Done'} in ${seconds.toFixed(1)} s: ${number(all.succeeded)} feeds read, ${number(all.unchanged)} unchanged, ` +
  `${number(all.failed)} failed; ${number(all.received)} rows: ${number(all.created)} created, ${number(all.updated)} updated, ` +
  `${number(all.rejected)} rejected.`;
