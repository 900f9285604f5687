// Shares what PostgreSQL allows: each instance says how many connections it may have, and makes room when others come.
import { randomUUID } from 'node:crypto';
import sql from 'sql-template-tag';
import type { Database } from './database';
import { regularly } from './regularly';

export interface SharesSettings {
  /** Connections of all instances together. */
  readonly total: number;
  /** Most that this one has a use for. */
  readonly pool: number;
  readonly lanes: number;
}

/** Any number: whoever counts what is left does so alone. */
const SHARES_LOCK = 7_206_315;
/** Milliseconds. Who has not been seen for so long has gone. */
const LEASE = 10_000;

export const SHARES_PACE = {
  /** Each instance takes the lock once in so many milliseconds. */
  beatMs: 1_000,
  /** The feed, a lane, and one of the pool. */
  least: 3,
} as const;

const LEAST = SHARES_PACE.least;
/** Kept free for the next one, with the connection by which it asks. */
const RESERVE = LEAST + 1;
const FEED = 1;

/** The least total with which so many have a share each. */
export const leastTotal = (instances: number): number => instances * LEAST + RESERVE;

/** The database is there, but others have all that it allows. */
export class NoRoom extends Error {}

export class Shares {
  private readonly id = randomUUID();
  private isIn = false;
  private stop: () => void = () => undefined;

  constructor(
    private readonly database: Database,
    private readonly settings: SharesSettings,
  ) {}

  /** @throws NoRoom when the others have not made any yet */
  async begin(): Promise<void> {
    this.stop();
    await this.beat();
    this.stop = regularly(SHARES_PACE.beatMs, () => this.beat());
  }

  /** The others may have what this one had. */
  async end(): Promise<void> {
    this.stop();
    if (this.isIn) await this.database.rows(sql`DELETE FROM instances WHERE id = ${this.id}`).catch(() => undefined);
  }

  private async beat(): Promise<void> {
    const { total, pool, lanes } = this.settings;
    const allowed = await this.database.transaction(async () => {
      await this.database.rows(sql`SELECT pg_advisory_xact_lock(${SHARES_LOCK})`);
      await this.database.rows(sql`DELETE FROM instances WHERE seen_at < now() - ${LEASE} * interval '1 millisecond'`);
      const [others] = await this.database.rows<{ count: number; held: number }>(sql`
        SELECT count(*)::int AS count, coalesce(sum(held), 0)::int AS held FROM instances WHERE id <> ${this.id}`);
      const { count, held } = others as { count: number; held: number };
      if (!this.isIn && total - held < LEAST)
        throw new NoRoom(`DATABASE_POOL_TOTAL (${total}) has no room for one more: ${count} instances have ${held}`);
      const share = Math.min(Math.floor((total - RESERVE) / (count + 1)), total - RESERVE - held, pool + lanes + FEED);
      const mine = Math.max(LEAST, share);
      // What is open and too much goes as soon as nobody uses it; until then nobody else may have it.
      const now = Math.max(mine, this.isIn ? this.open() : 0);
      await this.database.rows(sql`
        INSERT INTO instances (id, held, seen_at) VALUES (${this.id}, ${now}, now())
        ON CONFLICT (id) DO UPDATE SET held = excluded.held, seen_at = excluded.seen_at`);
      return mine;
    });
    this.isIn = true;
    const most = Math.floor(((allowed - FEED) * lanes) / (lanes + pool));
    const laneShare = Math.max(1, Math.min(lanes, most));
    await this.database.resize({ pool: Math.min(pool, allowed - FEED - laneShare), lanes: laneShare });
  }

  private open(): number {
    return this.database.poolState().total + this.database.lanes.counts.total + FEED;
  }
}
