import { Database, settle, sql } from '@app/database';
import type { Principal } from '@app/http';
import { Injectable } from '@nestjs/common';
import type { ItemValues } from './item.entity';
import { CONTENT, GIVEN, listed } from './items.columns';

const STATEMENT_MS = 60_000;

export interface ImportRow extends ItemValues {
  id: string;
  line: number;
}

/** What has become of which lines; the others are as their item was. */
export interface ImportOutcome {
  created: number[];
  updated: number[];
  /** Lines whose item belongs to somebody else. */
  refused: number[];
}

export interface ImportOptions {
  /** The lines that count; all unless given. */
  readonly only?: readonly number[];
  /** Milliseconds that it may wait for a row that somebody else writes. */
  readonly lockMs?: number;
  /** Done within the transaction. */
  readonly then?: (outcome: ImportOutcome) => Promise<void>;
}

const columns = listed(CONTENT);
const contentOf = (table: string) => listed(CONTENT, table);

@Injectable()
export class ItemsImportRepository {
  constructor(private readonly database: Database) {}

  /**
   * Creates or changes the item of each row, in one transaction; an item that is as its row says is neither written nor locked.
   * @param rows a JSON array of `ImportRow`, no two with the same SKU
   */
  upsert(caller: Principal, rows: Buffer, { only, lockMs, then }: ImportOptions = {}): Promise<ImportOutcome> {
    const work = async (): Promise<ImportOutcome> => {
      const outcome = await this.write(caller, rows, only ?? null);
      await then?.(outcome);
      return outcome;
    };
    return this.database.transaction(work, { statementMs: STATEMENT_MS, lockMs });
  }

  /** Items of this owner are not in stock from now on. @returns how many were */
  async clearStock(ownerId: string, skus: readonly string[]): Promise<number> {
    const cleared = await this.database.write(sql`
      UPDATE items SET stock = 0, version = version + 1, updated_at = now()
      WHERE id = ANY(ARRAY(
        SELECT id FROM items WHERE sku = ANY(${skus}::text[]) AND owner_id = ${ownerId}::uuid AND stock > 0
        ORDER BY sku FOR UPDATE
      )) AND stock > 0
      RETURNING id`);
    return cleared.length;
  }

  settle(): Promise<void> {
    return settle(this.database, 'items');
  }

  /**
   * What is changed is locked first, then what is new is inserted, each in the order of the SKUs: two imports never wait for each
   * other in a circle. An INSERT that turned into an UPDATE would make the generated columns twice, half of what a row costs.
   */
  private async write(caller: Principal, rows: Buffer, only: readonly number[] | null = null): Promise<ImportOutcome> {
    const mayChange = sql`(${caller.isAdmin}::boolean OR items.owner_id = ${caller.id}::uuid)`;
    const [outcome] = await this.database.rows<ImportOutcome & { missed: number[] }>(sql`
      WITH given AS (
        SELECT * FROM json_to_recordset(${rows}::json) AS given (line integer, ${GIVEN})
        WHERE ${only}::integer[] IS NULL OR line = ANY(${only}::integer[])
      ), compared AS MATERIALIZED (
        SELECT given.*, items.id AS found, CASE WHEN items.id IS NULL THEN 'new' WHEN NOT ${mayChange} THEN 'refused'
          WHEN (${contentOf('items')}) IS DISTINCT FROM (${contentOf('given')}) THEN 'changed' ELSE 'same' END AS fate
        FROM given LEFT JOIN items USING (sku)
      ), locked AS MATERIALIZED (
        SELECT compared.* FROM compared JOIN items ON items.id = found
        WHERE fate = 'changed' ORDER BY items.sku FOR NO KEY UPDATE OF items
      ), changed AS (
        UPDATE items SET (${columns}, version, updated_at) = ROW(${contentOf('locked')}, items.version + 1, now())
        FROM locked WHERE items.id = found AND items.sku = locked.sku AND ${mayChange}
          AND (${contentOf('items')}) IS DISTINCT FROM (${contentOf('locked')})
        RETURNING items.sku
      ), created AS (
        INSERT INTO items (id, owner_id, sku, ${columns})
        SELECT id, ${caller.id}::uuid, sku, ${columns} FROM compared
        WHERE fate = 'new' AND (SELECT count(*) FROM changed) >= 0 ORDER BY sku
        ON CONFLICT (sku) DO NOTHING
        RETURNING sku
      )
      SELECT coalesce(array_agg(line) FILTER (WHERE created.sku IS NOT NULL), '{}') AS created,
        coalesce(array_agg(line) FILTER (WHERE changed.sku IS NOT NULL), '{}') AS updated,
        coalesce(array_agg(line) FILTER (WHERE fate = 'refused'), '{}') AS refused,
        coalesce(array_agg(line) FILTER (WHERE fate IN ('new', 'changed') AND coalesce(created.sku, changed.sku) IS NULL), '{}') AS missed
      FROM compared LEFT JOIN changed USING (sku) LEFT JOIN created USING (sku)`);
    const { missed, ...done } = outcome as ImportOutcome & { missed: number[] };
    // Somebody wrote these since the comparison: now they can be compared with what was written.
    return missed.length === 0 ? done : sum(done, await this.write(caller, rows, missed));
  }
}

const sum = (a: ImportOutcome, b: ImportOutcome): ImportOutcome => ({
  created: [...a.created, ...b.created],
  updated: [...a.updated, ...b.updated],
  refused: [...a.refused, ...b.refused],
});
