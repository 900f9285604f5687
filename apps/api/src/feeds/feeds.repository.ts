import { Database, type KeysetOrder, keysetRows, type KeysetRows, type KeysetWindow, raw, sql } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { Feed, FeedValues } from './feed.entity';

const COLUMNS = raw(
  `id, name, url, format, enabled, clears_missing AS "clearsMissing", owner_id AS "ownerId", version, created_at AS "createdAt", updated_at AS "updatedAt"`,
);
const NEWEST_FIRST: KeysetOrder = { by: sql`created_at`, type: 'timestamptz', isDescending: true };

/** For the million items that a feed may have had, and a month of its outcomes. */
const STATEMENT_MS = 30_000;

@Injectable()
export class FeedsRepository {
  constructor(private readonly database: Database) {}

  page(window: KeysetWindow): Promise<KeysetRows<Feed>> {
    return keysetRows(this.database, {
      columns: sql`${COLUMNS}`,
      from: sql`feeds`,
      where: [],
      order: NEWEST_FIRST,
      window,
    });
  }

  async find(id: string): Promise<Feed | undefined> {
    const [row] = await this.database.rows<Feed>(sql`SELECT ${COLUMNS} FROM feeds WHERE id = ${id}`);
    return row;
  }

  /** Violates `feeds_name_key` if another feed has the name. Undefined if there are so many already. */
  async insert(id: string, ownerId: string, feed: FeedValues, max: number): Promise<Feed | undefined> {
    const { name, url, format, enabled, clearsMissing } = feed;
    const [row] = await this.database.write<Feed>(sql`
      INSERT INTO feeds (id, owner_id, name, url, format, enabled, clears_missing)
      SELECT ${id}::uuid, ${ownerId}::uuid, ${name}::text, ${url}::text, ${format}::text, ${enabled}::boolean, ${clearsMissing}::boolean
      WHERE (SELECT count(*) FROM feeds) < ${max}
      RETURNING ${COLUMNS}`);
    return row;
  }

  /** Undefined if there is no such feed, or none of one of the versions. */
  async update(
    id: string,
    changes: Partial<FeedValues>,
    versions: readonly number[] | undefined,
  ): Promise<Feed | undefined> {
    if (changes.clearsMissing === undefined) return this.change(id, changes, versions);
    const before = sql`SELECT clears_missing AS "clearsMissing" FROM feeds WHERE id = ${id} FOR NO KEY UPDATE`;
    return this.database.transaction(
      async ([rows]) => {
        const feed = await this.change(id, changes, versions);
        if (feed && feed.clearsMissing !== rows?.[0]?.['clearsMissing']) await this.beginAnew(id);
        return feed;
      },
      { first: [before], statementMs: STATEMENT_MS },
    );
  }

  /**
   * In one transaction, so that a feed which stays has lost nothing; but first what may be a lot, while nobody waits for any of it. The
   * lock of the feed keeps its version, and lets refreshes pass. False if there is no such feed, or none of one of the versions.
   */
  async delete(id: string, versions: readonly number[] | undefined): Promise<boolean> {
    const wanted = sql`id = ${id} ${versions ? sql`AND version = ANY(${`{${versions.join(',')}}`}::bigint[])` : sql``}`;
    const isThere = sql`feed_id = ${id} AND EXISTS (SELECT FROM feeds WHERE ${wanted})`;
    const first = [
      sql`SELECT FROM feeds WHERE ${wanted} FOR NO KEY UPDATE`,
      sql`DELETE FROM feed_items WHERE ${isThere}`,
      sql`DELETE FROM feed_runs WHERE ${isThere} AND state NOT IN ('queued', 'running')`,
      sql`DELETE FROM feeds WHERE ${wanted} RETURNING id`,
    ];
    return this.database.transaction((rows) => Promise.resolve((rows.at(-1) ?? []).length > 0), {
      first,
      statementMs: STATEMENT_MS,
    });
  }

  private async change(
    id: string,
    { name, url, format, enabled, clearsMissing }: Partial<FeedValues>,
    versions: readonly number[] | undefined,
  ): Promise<Feed | undefined> {
    const [row] = await this.database.write<Feed>(sql`
      UPDATE feeds SET name = coalesce(${name ?? null}::text, name), url = coalesce(${url ?? null}::text, url),
        format = coalesce(${format ?? null}::text, format), enabled = coalesce(${enabled ?? null}::boolean, enabled),
        clears_missing = coalesce(${clearsMissing ?? null}::boolean, clears_missing),
        version = version + 1, updated_at = now()
      WHERE id = ${id} ${versions ? sql`AND version = ANY(${versions}::bigint[])` : sql``}
      RETURNING ${COLUMNS}`);
    return row;
  }

  /** What vanishes while a feed clears nothing is never cleared; what it has is known when it has been read whole again. */
  private async beginAnew(id: string): Promise<void> {
    await this.database.rows(sql`
      WITH outdated AS (DELETE FROM feed_validators WHERE feed_id = ${id}) DELETE FROM feed_items WHERE feed_id = ${id}`);
  }
}
