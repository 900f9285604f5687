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

interface Size {
  readonly pool: number;
  readonly lanes: number;
}

export class Shares {
  private readonly id = randomUUID();
  private isIn = false;
  private isOver = false;
  /** What this one may open now. */
  private size: Size;
  private stop: () => void = () => undefined;
  private underWay?: Promise<void>;

  constructor(
    private readonly database: Database,
    private readonly settings: SharesSettings,
  ) {
    this.size = { pool: 1, lanes: settings.lanes };
  }

  /** @throws NoRoom when the others have not made any yet */
  async begin(): Promise<void> {
    this.stop();
    await this.beat();
    this.stop = regularly(SHARES_PACE.beatMs, () => this.beat());
    if (this.isOver) this.stop();
  }

  /** The others may have what this one had. */
  async end(): Promise<void> {
    this.isOver = true;
    this.stop();
    // It would put the row back.
    await this.underWay?.catch(() => undefined);
    if (this.isIn) await this.database.rows(sql`DELETE FROM instances WHERE id = ${this.id}`).catch(() => undefined);
  }

  private beat(): Promise<void> {
    if (this.isOver) return Promise.reject(new Error('This instance has given its share back.'));
    return (this.underWay ??= this.renew().finally(() => (this.underWay = undefined)));
  }

  private async renew(): Promise<void> {
    let shrunk: Promise<void> = Promise.resolve();
    const share = await this.database.transaction(async () => {
      const mine = await this.count();
      // What is to go goes before the others may have it; what comes, once they know. It ends as soon as nobody uses it.
      const least = { pool: Math.min(mine.pool, this.size.pool), lanes: Math.min(mine.lanes, this.size.lanes) };
      shrunk = this.resize(least);
      shrunk.catch(() => undefined);
      await this.database.rows(sql`
        INSERT INTO instances (id, held, seen_at) VALUES (${this.id}, ${this.held(mine)}, now())
        ON CONFLICT (id) DO UPDATE SET held = excluded.held, seen_at = excluded.seen_at`);
      return mine;
    });
    this.isIn = true;
    await shrunk;
    await this.resize(share);
  }

  /** How many this one may have, as the others are. */
  private async count(): Promise<Size> {
    const { total, pool, lanes } = this.settings;
    await this.database.rows(sql`SELECT pg_advisory_xact_lock(${SHARES_LOCK})`);
    await this.database.rows(sql`DELETE FROM instances WHERE seen_at < now() - ${LEASE} * interval '1 millisecond'`);
    const [others] = await this.database.rows<{ count: number; held: number }>(sql`
      SELECT count(*)::int AS count, coalesce(sum(held), 0)::int AS held FROM instances WHERE id <> ${this.id}`);
    const { count, held } = others as { count: number; held: number };
    if (!this.isIn && total - held < LEAST)
      throw new NoRoom(`DATABASE_POOL_TOTAL (${total}) has no room for one more: ${count} instances have ${held}`);
    const share = Math.min(Math.floor((total - RESERVE) / (count + 1)), total - RESERVE - held, pool + lanes + FEED);
    const mine = Math.max(LEAST, share);
    const most = Math.floor(((mine - FEED) * lanes) / (lanes + pool));
    const laneShare = Math.max(1, Math.min(lanes, most));
    return { pool: Math.min(pool, mine - FEED - laneShare), lanes: laneShare };
  }

  /** What is open and too much is this one's until it ends. */
  private held({ pool, lanes }: Size): number {
    return Math.max(pool, this.database.poolState().total) + Math.max(lanes, this.database.lanes.counts.total) + FEED;
  }

  private resize(size: Size): Promise<void> {
    this.size = size;
    return this.database.resize(size);
  }
}
