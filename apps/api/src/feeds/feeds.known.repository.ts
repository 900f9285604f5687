import { type Database, sql } from '@app/database';
import { type Counted, keyOf, RunLost, type Start } from './feeds.run-keys';

type Run = Start & { readonly feedId: string };

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
   * @throws RunLost
   */
  async add({ id, starts, feedId }: Run, skus: readonly string[]): Promise<void> {
    const [run] = await this.database.rows(sql`
      WITH feed AS MATERIALIZED (
        SELECT id, clears_missing FROM feeds WHERE id = ${feedId} FOR SHARE
      ), locked AS MATERIALIZED (
        SELECT feed.* FROM feed_runs AS run JOIN feed ON feed.id = run.feed_id
        WHERE run.id = ${id} AND run.starts = ${starts} AND run.state = 'running' FOR UPDATE OF run
      ), known AS (
        INSERT INTO feed_items (feed_id, sku) SELECT id, unnest(${skus}::text[]) FROM locked WHERE clears_missing ON CONFLICT DO NOTHING
      )
      SELECT id FROM locked`);
    if (!run) throw new RunLost();
  }

  /**
   * What the feed has no longer, in one transaction with what follows from that, as long as the feed still clears. Items are locked
   * before the run, as by the transactions that write rows.
   * @throws RunLost
   */
  remove(run: Run, skus: readonly string[], clear: () => Promise<number>): Promise<void> {
    const feed = sql`SELECT id FROM feeds WHERE id = ${run.feedId} AND clears_missing FOR SHARE`;
    return this.database.transaction(
      async ([feeds = []]) => {
        if (feeds.length === 0) return;
        const cleared = await clear();
        await this.count([{ key: keyOf(run), created: 0, updated: 0, cleared }]);
        await this.database.rows(
          sql`DELETE FROM feed_items WHERE feed_id = ${run.feedId} AND sku = ANY(${skus}::text[])`,
        );
      },
      { first: [feed] },
    );
  }
}
