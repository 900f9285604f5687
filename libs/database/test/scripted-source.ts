// A source of changes that does as it is told: answers late or never, fails, turns into another server.
import { ChangeFeed, type Change, type FeedSource, type Poll, type Server, sees, type Snapshot } from '@app/database';
import { Telemetry } from '@app/telemetry';

/** Lets so many milliseconds pass, on Jest's clock and for its timers. */
export const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

/** What it comes to, and after how many milliseconds of Jest's clock. */
export async function timed<T>(work: Promise<T>): Promise<[value: T, ms: number]> {
  const startedAt = performance.now();
  let end: [T, number] | undefined;
  void work.then((value) => (end = [value, performance.now() - startedAt]));
  for (let waited = 0; !end && waited <= 10_000; waited++) await pass(waited === 0 ? 0 : 1);
  if (!end) throw new Error('It takes more than ten seconds.');
  return end;
}

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class ScriptedSource implements FeedSource {
  server: Server = { epoch: 'first', loggedTables: new Set(['a']) };
  /** Milliseconds that it takes; Infinity: it hangs until the connection is closed. */
  connectMs = 0;
  pollMs = 0;
  /** While set, what connect() or poll() fail with. */
  connectFailure?: Error;
  pollFailure?: Error;
  floor = 1;
  readonly inProgress: number[] = [];
  /** What each poll was given, in order. */
  readonly asked: (Snapshot | undefined)[] = [];
  isConnected = false;
  private readonly log: Change[] = [];
  private xmax = 10;
  private cut: (error: Error) => void = () => undefined;

  /** @returns the id of the transaction */
  commit(...tags: string[]): number {
    this.log.push({ xid: this.xmax, tags });
    return this.xmax++;
  }

  async connect(): Promise<Server> {
    if (!this.isConnected) await this.wait(this.connectMs);
    if (this.connectFailure) throw this.connectFailure;
    this.isConnected = true;
    return this.server;
  }

  async poll(previous: Snapshot | undefined): Promise<Poll> {
    this.asked.push(previous);
    const snapshot = { xmin: this.inProgress[0] ?? this.xmax, xmax: this.xmax, inProgress: [...this.inProgress] };
    const isNew = ({ xid }: Change): boolean => sees(snapshot, xid) && !(previous && sees(previous, xid));
    const answer = { snapshot, floor: this.floor, changes: this.log.filter(isNew) };
    await this.wait(this.pollMs);
    if (this.pollFailure) throw this.pollFailure;
    return answer;
  }

  async close(): Promise<void> {
    this.isConnected = false;
    this.cut(new Error('The connection was closed.'));
  }

  private async wait(ms: number): Promise<void> {
    if (ms === 0) return;
    const cut = new Promise<never>((_, reject) => (this.cut = reject));
    await (ms === Infinity ? cut : Promise.race([after(ms), cut]));
  }
}

export interface Scripted {
  readonly source: ScriptedSource;
  readonly feed: ChangeFeed;
  /** What the feed told its listener and its telemetry. */
  readonly told: string[];
}

export function scriptedFeed(stalenessMs = 100): Scripted {
  const source = new ScriptedSource();
  const telemetry = new Telemetry();
  const told: string[] = [];
  telemetry.on('changes.lost', ({ reason }) => told.push(`lost: ${reason}`));
  const feed = new ChangeFeed({ source, telemetry, stalenessMs, maxTags: 1_000 });
  feed.listen({ changed: (tags) => told.push(`changed: ${tags.join()}`), reset: () => told.push('reset') });
  feed.onCommit = () => told.push('committed');
  return { source, feed, told };
}
