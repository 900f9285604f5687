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
    outbound: Outbound,
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
    this.timers = [
      regularly(POLL_MS, () => Promise.resolve(this.wake())),
      regularly(CLEANING_MS, () => this.jobs.forgetOld(KEPT_DAYS)),
    ];
    this.wake();
  }

  /** What is under way is left to others, at once. */
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
      const free = this.concurrency - this.readings.size;
      const claimed = free > 0 ? await this.rows.claim(this.id, free, LEASE_SECONDS) : [];
      for (const run of claimed) this.begin(new FeedReading(run, this.tools));
      // What fails here is done by autovacuum, a little later.
      if (this.readings.size === 0) void this.intake.settle().catch(() => undefined);
    }
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
      const reports = told.map((reading) => reading.report());
      const own = new Set(await this.rows.report(this.id, reports, LEASE_SECONDS));
      if (isDue) this.toldAt = performance.now();
      // Cancelled, or another's by now.
      for (const reading of told) if (!own.has(reading.run.id)) reading.stop();
    } catch (error) {
      this.over.push(...over);
      throw error;
    }
  }
}
