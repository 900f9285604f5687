// The change feed: knows, at most Δ late, what has changed in the database, whoever changed it.
import { type ChangeFeedSettings, FEED_PACE, type FeedListener } from './feed-settings';
import type { Poll, Server } from './feed-source';
import { KnownChanges } from './known-changes';
import { Overdue } from './overdue';
import { knowsLessThan, sees, type Snapshot } from './snapshot';
import { within } from './within';

/** Milliseconds. */
const RETRY = 50;
const PATIENCE = 250;
const LONG_PATIENCE = 1_000;

export class ChangeFeed {
  /** To requests that arrive until then, on the clock of `performance.now()`, what the feed has not contradicted may be shown. */
  freshUntil = -Infinity;
  /** Set by whoever shows something: a feed that nobody uses stops polling after a second. */
  isUsed = true;
  /** Grows when everything that was read before is void. */
  generation = 0;
  /** Called after this process has committed a transaction, so that others can be told to look. */
  onCommit: () => void = () => undefined;

  readonly known: KnownChanges;
  readonly overdue = new Overdue();
  private readonly now: () => number;
  private readonly listeners = new Set<FeedListener>();
  private server?: Server;
  private running?: Promise<boolean>;
  private next?: Promise<boolean>;
  private timer?: NodeJS.Timeout;
  private usedUntil = 0;
  private begunAt = -Infinity;
  private appliedAt = -Infinity;
  private failedAt = -Infinity;
  /** A poll that began before does not see what this process has committed. */
  private unseenUntil = -Infinity;
  private isClosed = false;

  constructor(private readonly settings: ChangeFeedSettings) {
    this.known = new KnownChanges(settings.maxTags);
    this.now = settings.now ?? (() => performance.now());
  }

  /** As of the last poll; undefined before the first. What is loaded from now on sees at least this. */
  get snapshot(): Snapshot | undefined {
    return this.known.snapshot;
  }

  /** Names the server and its history; part of the keys of what instances share. */
  get epoch(): string | undefined {
    return this.server?.epoch;
  }

  get loggedTables(): ReadonlySet<string> {
    return this.server?.loggedTables ?? new Set();
  }

  /** Milliseconds since the beginning of the last poll that succeeded. */
  get lagMs(): number {
    return this.now() - this.appliedAt;
  }

  /** This process has committed something that no poll has seen yet: what it has kept may lack it. */
  get lacksOwnCommit(): boolean {
    return this.appliedAt < this.unseenUntil;
  }

  listen(listener: FeedListener): void {
    this.listeners.add(listener);
  }

  /**
   * Whether the changes are known that had been acknowledged Δ before a request arrived. It counts when it arrived and not when it
   * is answered: a process that is too busy to answer within Δ would otherwise never be fresh again.
   * @param arrivedAt on the clock of `performance.now()`
   */
  isFresh(arrivedAt = this.now()): boolean {
    return arrivedAt <= this.freshUntil;
  }

  /** True once the feed is fresh for a request that arrived then; false if that can't be had soon. Callers share one poll. */
  async refresh(arrivedAt = this.now()): Promise<boolean> {
    this.isUsed = true;
    if (this.isFresh(arrivedAt)) return true;
    this.overdue.wanted(this.now());
    if (this.now() - this.failedAt < RETRY) return false;
    const underWay = this.running ?? this.begin();
    if ((await within(PATIENCE, underWay)) && !this.isFresh(arrivedAt)) await within(PATIENCE, this.poll());
    return this.isFresh(arrivedAt);
  }

  /** True once the feed sees the transaction, which must have been committed before the call; false if it can't be seen. */
  async reach(xid: number): Promise<boolean> {
    const isSeen = (): boolean => this.snapshot !== undefined && sees(this.snapshot, xid);
    if (isSeen()) return true;
    await within(LONG_PATIENCE, this.poll());
    return isSeen();
  }

  /** This process has committed the transaction: from now on it shows nothing that lacks it. */
  async committed(xid: number): Promise<void> {
    this.onCommit();
    const showsNothing = !this.isFresh() && this.running === undefined;
    if (!showsNothing && (await this.reach(xid))) return;
    this.unseenUntil = this.now();
    this.freshUntil = -Infinity;
  }

  /** Somebody may have changed something: look at once, unless nobody would use it. */
  wake(): void {
    if (this.isIdle() || this.isClosed) return;
    if (this.running) void this.poll();
    else this.schedule(Math.max(0, this.begunAt + FEED_PACE.minGapMs - this.now()));
  }

  /** A poll that begins after this call; all who ask meanwhile share it. True if it succeeded. */
  poll(): Promise<boolean> {
    if (!this.running) return this.begin();
    this.next ??= this.running.then(() => {
      this.next = undefined;
      return this.running ?? this.begin();
    });
    return this.next;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.freshUntil = -Infinity;
    clearTimeout(this.timer);
    await this.settings.source.close();
  }

  private begin(): Promise<boolean> {
    if (this.isClosed) return Promise.resolve(false);
    clearTimeout(this.timer);
    this.begunAt = this.now();
    const run = this.pollOnce().finally(() => {
      this.running = undefined;
      if (!this.isIdle()) this.schedule(this.pauseMs());
    });
    this.running = run;
    return run;
  }

  private async pollOnce(): Promise<boolean> {
    const { source, telemetry } = this.settings;
    try {
      const server = await source.connect();
      if (server !== this.server) this.meet(server);
      const begunAt = this.now();
      const previous = this.snapshot;
      const poll = await source.poll(previous);
      if (this.isClosed) return false;
      this.take(poll, previous);
      this.appliedAt = begunAt;
      this.overdue.looked();
      if (begunAt >= this.unseenUntil) this.freshUntil = begunAt + this.settings.stalenessMs;
      telemetry.emit('changes.polled', { durationMs: this.now() - begunAt, changes: poll.changes.length });
      return true;
    } catch (error) {
      this.failedAt = this.now();
      if (!this.isClosed) telemetry.emit('changes.lost', { reason: (error as Error).message });
      return false;
    }
  }

  /** A connection to the same server goes on where the last one ended. */
  private meet(server: Server): void {
    if (this.server && this.server.epoch !== server.epoch) this.forget();
    this.server = server;
  }

  /** What can't be told to all must not be half known. */
  private take(poll: Poll, previous: Snapshot | undefined): void {
    try {
      this.apply(poll, previous);
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  private apply({ snapshot, changes, floor }: Poll, previous: Snapshot | undefined): void {
    if (previous === undefined) return this.known.begin(snapshot, floor, changes);
    if (knowsLessThan(previous, floor)) {
      // So long without a poll that changes were deleted from the log before they were seen.
      this.forget();
      return this.known.begin(snapshot, snapshot.xmax, changes);
    }
    this.known.apply(snapshot, changes);
    for (const { tags } of changes) for (const { changed } of this.listeners) changed(tags);
  }

  private forget(): void {
    this.generation++;
    this.freshUntil = -Infinity;
    this.known.snapshot = undefined;
    for (const { reset } of this.listeners) reset();
  }

  private schedule(ms: number): void {
    clearTimeout(this.timer);
    if (!this.isClosed) this.timer = setTimeout(() => void (this.running ?? this.begin()), ms).unref();
  }

  private pauseMs(): number {
    if (this.failedAt >= this.begunAt) return RETRY;
    return Math.max(0, this.begunAt + this.settings.stalenessMs / FEED_PACE.pollsInStaleness - this.now());
  }

  private isIdle(): boolean {
    if (this.isUsed) {
      this.isUsed = false;
      this.usedUntil = this.now() + FEED_PACE.idleAfterMs;
    }
    return this.now() > this.usedUntil;
  }
}
