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

  /** @throws RunLost */
  async add({ id, starts }: Run, skus: readonly string[]): Promise<void> {
    const [run] = await this.database.rows(sql`
      WITH locked AS (
        SELECT feed_id FROM feed_runs WHERE id = ${id} AND starts = ${starts} AND state = 'running' FOR UPDATE
      ), known AS (
        INSERT INTO feed_items (feed_id, sku) SELECT feed_id, unnest(${skus}::text[]) FROM locked ON CONFLICT DO NOTHING
      )
      SELECT feed_id FROM locked`);
    if (!run) throw new RunLost();
  }

  /**
   * What the feed has no longer, in one transaction with what follows from that. Items are locked before the run, as by the
   * transactions that write rows.
   * @throws RunLost
   */
  remove(run: Run, skus: readonly string[], clear: () => Promise<number>): Promise<void> {
    return this.database.transaction(async () => {
      const cleared = await clear();
      await this.count([{ key: keyOf(run), created: 0, updated: 0, cleared }]);
      await this.database.rows(
        sql`DELETE FROM feed_items WHERE feed_id = ${run.feedId} AND sku = ANY(${skus}::text[])`,
      );
    });
  }
}
