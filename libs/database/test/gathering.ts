// A database whose only lane can be kept busy, and what it was sent.
import { Database, type Gathered, sql } from '@app/database';
import type { Client } from 'pg';
import { LoggedDatabase } from './logged-database';

export interface Named {
  readonly id: number;
  readonly name: string | null;
}

export class GatheringWorld {
  readonly statements: string[] = [];
  readonly database: Database;
  readonly orders: Gathered<Named>;

  private constructor(
    readonly log: LoggedDatabase,
    private readonly other: Client,
  ) {
    this.database = this.withLanes(1);
    this.orders = this.database.gather<Named>({
      name: 'orders_by_id',
      by: 'id',
      type: 'int',
      select: sql`SELECT id, name FROM orders`,
    });
    log.telemetry.on('database.statement', ({ sql: text }) => void this.statements.push(text));
  }

  static async create(): Promise<GatheringWorld> {
    const log = await LoggedDatabase.create();
    await log.client.query(`INSERT INTO orders SELECT n, 'number ' || n FROM generate_series(1, 1000) n`);
    return new GatheringWorld(log, await log.connect());
  }

  withLanes(lanes: number): Database {
    return new Database(this.log.dataSource, undefined, lanes);
  }

  /** What has been sent since it was asked last. */
  sent(): string[] {
    return this.statements.splice(0);
  }

  /** Until the returned call, reads wait (for half a second at most: that is how long a statement may wait for a lock). */
  async hold(): Promise<() => Promise<unknown>> {
    await this.other.query('BEGIN; LOCK TABLE orders');
    return () => this.other.query('ROLLBACK');
  }

  /** Resolves when so many statements of lanes wait for the lock. */
  async waiting(count: number): Promise<number[]> {
    for (;;) {
      const { rows } = await this.log.client.query<{ pid: number }>(`
        SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`);
      if (rows.length >= count) return rows.map(({ pid }) => pid);
    }
  }

  async close(): Promise<void> {
    this.database.lanes.close();
    await this.log.close();
  }
}
