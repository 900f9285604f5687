import { Answers, Caches } from '@app/caching';
import { ChangeFeed, Database, sql } from '@app/database';
import { defineProblem, Drain, draining, type Refusal } from '@app/http';
import { Injectable } from '@nestjs/common';
import type { CacheReading, Readiness } from './health.dto';

export const notReady: Refusal = defineProblem({
  status: 503,
  code: 'not_ready',
  title: 'This instance cannot serve at the moment',
  retryAfterSeconds: 1,
});

const PROBE_MS = 1_000;

@Injectable()
export class HealthService {
  constructor(
    private readonly database: Database,
    private readonly feed: ChangeFeed,
    private readonly caches: Caches,
    private readonly answers: Answers,
    private readonly drain: Drain,
  ) {}

  async readiness(): Promise<Readiness> {
    if (this.drain.isDraining) draining('This instance finishes what it has and takes nothing new.');
    const answered = this.database.rows(sql`SELECT 1`).then(
      () => true,
      () => false,
    );
    const late = new Promise<false>((resolve) => setTimeout(resolve, PROBE_MS, false).unref());
    if (!(await Promise.race([answered, late]))) notReady('The database does not answer.');
    const { redis } = this.caches;
    const lagMs = Number.isFinite(this.feed.lagMs) ? rounded(this.feed.lagMs) : null;
    const leaseMs = rounded(Math.max(0, this.feed.freshUntil - performance.now()));
    return { status: 'ok', database: 'ok', redis, freshness: { leaseMs, lagMs }, caches: this.readings() };
  }

  private readings(): CacheReading[] {
    const all = [
      ['answers', this.answers.counts] as const,
      ...[...this.caches.all()].map(([name, { counts }]) => [name, counts] as const),
    ];
    return all.map(([name, counts]) => ({
      name,
      memoryHits: counts.memory,
      redisHits: counts.redis,
      loads: counts.loaded,
      hitRatio: Math.round(counts.hitRatio * 10_000) / 10_000,
    }));
  }
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10;
