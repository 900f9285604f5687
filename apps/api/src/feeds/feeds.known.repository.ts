import { type Database, sql } from '@app/database';
import { type Counted, keyOf, RunLost, type Start } from './feeds.run-keys';

type Run = Start & { readonly feedId: string; readonly ownerId: string };

/** For pages that other feeds are clearing, and for rows that are being written. */
const PATIENCE = { lockMs: 10_000, statementMs: 15_000 };

/** What feeds had that clear what they have no longer. */
export class KnownSkus {
  constructor(
    private readonly database: Database,
    private readonly count: (written: readonly Counted[]) => Promise<void>,
  ) {}

  /** Of what the feed had, the SKUs behind this one in their order. */
  async page(feedId: string, after: string, limit: number): Promise<string[]> {
    const rows = await this.database.rows<{ sku: string }>(
      sql`SELECT sku FROM feed_items WHERE feed_id = ${feedId} AND sku > ${after} ORDER BY sku LIMIT ${limit}`,
    );
    return rows.map(({ sku }) => sku);
  }

  /**
   * As long as the feed still clears. It is locked before all else, as by those who switch that.
   * @returns how many are new
   * @throws RunLost
   */
  async add({ id, starts, feedId }: Run, skus: readonly string[]): Promise<number> {
    const [run] = await this.database.rows<{ added: number }>(sql`
      WITH feed AS MATERIALIZED (
        SELECT id, clears_missing FROM feeds WHERE id = ${feedId} FOR SHARE
      ), locked AS MATERIALIZED (
        SELECT feed.* FROM feed_runs AS run JOIN feed ON feed.id = run.feed_id
        WHERE run.id = ${id} AND run.starts = ${starts} AND run.state = 'running' FOR UPDATE OF run
      ), known AS (
        INSERT INTO feed_items (feed_id, sku) SELECT id, unnest(${skus}::text[]) FROM locked WHERE clears_missing ON CONFLICT DO NOTHING
        RETURNING sku
      )
      SELECT (SELECT count(*) FROM known)::integer AS added FROM locked`);
    if (!run) throw new RunLost();
    return run.added;
  }

  /**
   * What the feed has no longer, in one transaction with what follows from that, as long as the feed still clears: what another feed
   * of the owner has is not cleared. Items are locked before the run, as by the transactions that write rows.
   * @throws RunLost
   */
  remove(run: Run, skus: readonly string[], clear: (skus: readonly string[]) => Promise<number>): Promise<void> {
    const { feedId, ownerId } = run;
    const feed = sql`SELECT id FROM feeds WHERE id = ${feedId} AND clears_missing FOR SHARE`;
    const lock = sql`SELECT pg_advisory_xact_lock_shared(hashtextextended(${clearing(ownerId)}, 0))`;
    return this.database.transaction(
      async ([feeds = []]) => {
        if (feeds.length === 0) return;
        const elsewhere = await this.elsewhere(run, skus);
        const cleared = await clear(skus.filter((sku) => !elsewhere.has(sku)));
        await this.count([{ key: keyOf(run), created: 0, updated: 0, cleared }]);
        await this.database.rows(sql`DELETE FROM feed_items WHERE feed_id = ${feedId} AND sku = ANY(${skus}::text[])`);
      },
      { ...PATIENCE, first: [feed, lock] },
    );
  }

  /**
   * Whether another feed of the owner may have cleared what this one has said since it began: until its SKUs were known, nobody
   * could see that they were here. Waits for pages that are being cleared.
   */
  async isContested({ id, feedId, ownerId }: Run): Promise<boolean> {
    const lock = sql`SELECT pg_advisory_xact_lock(hashtextextended(${clearing(ownerId)}, 0))`;
    const look = sql`
      SELECT other.id FROM feed_runs AS other JOIN feeds ON feeds.id = other.feed_id
      WHERE other.cleared > 0 AND (other.finished_at IS NULL OR other.finished_at >= (SELECT created_at FROM feed_runs WHERE id = ${id}))
        AND other.feed_id <> ${feedId} AND feeds.owner_id = ${ownerId} LIMIT 1`;
    return this.database.transaction(([, found = []]) => Promise.resolve(found.length > 0), {
      ...PATIENCE,
      first: [lock, look],
    });
  }

  /** Those that another feed of the owner has. Two feeds that no longer have the same one wait here: the second clears it. */
  private async elsewhere({ feedId, ownerId }: Run, skus: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.database.rows<{ sku: string; feedId: string }>(sql`
      SELECT known.sku, known.feed_id AS "feedId" FROM feed_items AS known JOIN feeds ON feeds.id = known.feed_id
      WHERE known.sku = ANY(${skus}::text[]) AND feeds.owner_id = ${ownerId} ORDER BY known.sku, known.feed_id FOR UPDATE OF known`);
    return new Set(rows.filter((row) => row.feedId !== feedId).map(({ sku }) => sku));
  }
}

const clearing = (ownerId: string): string => `feeds that clear: ${ownerId}`;
