import { Database, sql } from '@app/database';
import { Injectable } from '@nestjs/common';
import { type DemoItem, demoItems } from './items.demo';

const CHUNK = 1_000;

@Injectable()
export class DemoItems {
  constructor(private readonly database: Database) {}

  /** The first `count` demo items are there afterwards; those that are, changed or not, stay as they are. Answers how many were added. */
  async ensure(ownerId: string, count: number, onProgress: (done: number) => void = () => undefined): Promise<number> {
    let added = 0;
    let done = 0;
    let chunk: DemoItem[] = [];
    for (const item of demoItems(count)) {
      chunk.push(item);
      if (chunk.length < CHUNK && done + chunk.length < count) continue;
      added += await this.add(ownerId, chunk);
      done += chunk.length;
      chunk = [];
      onProgress(done);
    }
    // The planner should know at once what autovacuum would tell it in a minute.
    if (added > 0) await this.database.rows(sql`ANALYZE items`);
    return added;
  }

  private async add(ownerId: string, items: readonly DemoItem[]): Promise<number> {
    const rows = await this.database.rows(sql`
      INSERT INTO items (id, owner_id, sku, name, description, price, currency, stock, tags, attributes)
      SELECT id, ${ownerId}, sku, name, description, price, currency, stock, tags, attributes
      FROM jsonb_to_recordset(${JSON.stringify(items)}::jsonb) AS demo (id uuid, sku text, name text, description text,
        price bigint, currency text, stock integer, tags text[], attributes jsonb)
      ON CONFLICT DO NOTHING
      RETURNING 1`);
    return rows.length;
  }
}
