import { randomUUID } from 'node:crypto';
import { failureOf, regularly } from '@app/database';
import { Outbound } from '@app/outbound';
import { Metrics, Telemetry } from '@app/telemetry';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ItemsIntake } from '../items/items.intake.service';
import { FeedJobsRepository } from './feeds.jobs.repository';
import { FeedOutcomes } from './feeds.outcomes';
import { FeedReading, type ReadingTools } from './feeds.reading';
import { KEPT_DAYS } from './feeds.rules';
import { FeedRunsRepository } from './feeds.runs.repository';

/** Feeds that one worker reads at the same time. */
export const FEEDS_CONCURRENCY = Symbol('feeds concurrency');

const POLL_MS = 250;
/** Whoever has said nothing of its runs for so long has lost them. */
const LEASE_SECONDS = 5;
const HEARTBEAT_MS = 1_000;
const CLEANING_MS = 60 * 60_000;

/** The same may be said again later. */
function isPassing(error: unknown): boolean {
  const kind = failureOf(error)?.kind;
  return kind !== undefined && kind !== 'violation';
}

/** Takes runs, as many as it may have, and tells how far they are: in one statement for all of them. */
@Injectable()
export class FeedsWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly id = randomUUID();
  private readonly readings = new Set<FeedReading>();
  private readonly running = new Set<Promise<void>>();
  private over: FeedReading[] = [];
  private readonly tools: ReadingTools;
  private readonly outcomes: FeedOutcomes;
  private toldAt = 0;
  private turn?: Promise<void>;
  private isAwaited = false;
  private isStopped = false;
  private timers: (() => void)[] = [];

  constructor(
    private readonly rows: FeedRunsRepository,
    private readonly jobs: FeedJobsRepository,
    private readonly intake: ItemsIntake,
    private readonly outbound: Outbound,
    telemetry: Telemetry,
    metrics: Metrics,
    @Inject(FEEDS_CONCURRENCY) private readonly concurrency: number,
  ) {
    const onUnexpected = (error: unknown): void => telemetry.emit('job.failed', { error });
    this.tools = { outbound, intake, rows, onUnexpected };
    this.outcomes = new FeedOutcomes(metrics, () => this.readings.size);
    intake.recordBy((written) => rows.count(written));
  }

  onApplicationBootstrap(): void {
    const clean = (): Promise<void> => this.jobs.forgetOld(KEPT_DAYS);
    this.timers = [regularly(POLL_MS, () => Promise.resolve(this.wake())), regularly(CLEANING_MS, clean)];
    this.wake();
    // Workers may be replaced more often than once an hour.
    void clean().catch(() => undefined);
  }

  /** What is under way is left to others, at once. The turn begins nothing from now on, and is over before what it took is released. */
  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    this.timers.forEach((stop) => stop());
    for (const reading of this.readings) reading.stop();
    await this.turn;
    await Promise.all(this.running);
    await this.tell().catch(() => undefined);
    await this.rows.release(this.id).catch(() => undefined);
  }

  /** One turn at a time; whoever asks meanwhile gets another. */
  private wake(): void {
    this.isAwaited = true;
    this.turn ??= this.work()
      // The database is away: what is over is told at the next poll.
      .catch((error: unknown) => void (failureOf(error) ?? this.tools.onUnexpected(error)))
      .finally(() => (this.turn = undefined));
  }

  private async work(): Promise<void> {
    while (this.isAwaited && !this.isStopped) {
      this.isAwaited = false;
      await this.tell();
      await this.claim();
      // What fails here is done by autovacuum, a little later.
      if (this.readings.size === 0) void this.intake.settle().catch(() => undefined);
    }
  }

  private async claim(): Promise<void> {
    const feeds = this.concurrency - this.readings.size;
    if (feeds <= 0 || this.isStopped) return;
    const taken = new Map<string, number>();
    for (const { run } of this.readings) taken.set(run.host, (taken.get(run.host) ?? 0) + 1);
    const runs = await this.rows.claim(this.id, { feeds, perHost: this.outbound.perHost, taken }, LEASE_SECONDS);
    // What was taken meanwhile is released with the rest: nobody would stop it any more.
    if (this.isStopped) return;
    for (const run of runs) this.begin(new FeedReading(run, this.tools));
    // Behind those of a host that has enough now there may be others.
    if (runs.length > 0 && runs.length < feeds) this.isAwaited = true;
  }

  private begin(reading: FeedReading): void {
    this.readings.add(reading);
    const running = this.read(reading).finally(() => this.running.delete(running));
    this.running.add(running);
  }

  /** Never rejects. */
  private async read(reading: FeedReading): Promise<void> {
    const hasOutcome = await reading.carryOut();
    this.readings.delete(reading);
    if (!hasOutcome) return;
    this.outcomes.count(reading.report());
    this.over.push(reading);
    this.wake();
  }

  private async tell(): Promise<void> {
    const over = this.over;
    const isDue = performance.now() - this.toldAt >= HEARTBEAT_MS;
    const told = [...over, ...(isDue ? this.readings : [])];
    if (told.length === 0) return;
    this.over = [];
    try {
      const own = new Set(await this.report(told));
      if (isDue) this.toldAt = performance.now();
      // Cancelled, or another's by now.
      for (const reading of told) if (!own.has(reading.run.id)) reading.stop();
    } catch (error) {
      this.over.push(...over);
      throw error;
    }
  }

  /** @returns runs that are the worker's own */
  private async report(told: readonly FeedReading[]): Promise<string[]> {
    const reports = told.map((reading) => reading.report());
    try {
      return await this.rows.report(this.id, reports, LEASE_SECONDS);
    } catch (error) {
      if (isPassing(error)) throw error;
      const [first] = told;
      if (first && told.length === 1) return this.giveUp(first, error);
    }
    // One of them cannot be stored, which must not keep the others from being heard.
    const own: string[] = [];
    for (const reading of told) own.push(...(await this.report([reading])));
    return own;
  }

  private async giveUp(reading: FeedReading, error: unknown): Promise<string[]> {
    this.tools.onUnexpected(error);
    reading.giveUp();
    return this.rows.report(this.id, [reading.report()], LEASE_SECONDS);
  }
}
