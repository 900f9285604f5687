import { Database, sql } from '@app/database';
import { defineProblem, draining, type Refusal } from '@app/http';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import type { Readiness } from './health.dto';

export const notReady: Refusal = defineProblem({
  status: 503,
  code: 'not_ready',
  title: 'This instance cannot serve at the moment',
  retryAfterSeconds: 1,
});

const PROBE_MS = 1_000;

@Injectable()
export class HealthService implements BeforeApplicationShutdown {
  private isDraining = false;

  constructor(private readonly database: Database) {}

  beforeApplicationShutdown(): void {
    this.isDraining = true;
  }

  async readiness(): Promise<Readiness> {
    if (this.isDraining) draining('This instance finishes what it has and takes nothing new.');
    const answered = this.database.rows(sql`SELECT 1`).then(
      () => true,
      () => false,
    );
    const late = new Promise<false>((resolve) => setTimeout(resolve, PROBE_MS, false).unref());
    if (!(await Promise.race([answered, late]))) notReady('The database does not answer.');
    return { status: 'ok', database: 'ok' };
  }
}
