import { isDeepStrictEqual } from 'node:util';
import { Database, raw, sql } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { Item, ItemValues } from './item.entity';
import type { Plan } from './items.batch.plan';

const ITEM =
  raw(`items.id, items.sku, items.name, items.description, items.price, items.currency, items.stock, items.tags,
  items.attributes, items.owner_id AS "ownerId", items.version, items.created_at AS "createdAt", items.updated_at AS "updatedAt"`);
const CONTENT = ['name', 'description', 'price', 'currency', 'stock', 'tags', 'attributes'] as const;
const listed = (columns: readonly string[], table?: string) =>
  raw(columns.map((column) => (table === undefined ? column : `${table}.${column}`)).join(', '));

type Of<Step extends Plan['step']> = Extract<Plan, { step: Step }>;
type Row = Partial<ItemValues> & { readonly id: string };

/** JSON, which PostgreSQL takes apart as fast as arrays, and which has no second way to write a value. */
const given = (
  rows: readonly Row[],
) => sql`json_to_recordset(${JSON.stringify(rows)}::json) AS given (id uuid, sku text,
  name text, description text, price bigint, currency text, stock integer, tags text[], attributes jsonb)`;

@Injectable()
export class ItemsBatchRepository {
  constructor(private readonly database: Database) {}

  /** Locks what of these there is, in one order for all callers, so that none of them ever waits for another in a circle. */
  lock(ids: readonly string[], skus: readonly string[]): Promise<Item[]> {
    return this.database.rows<Item>(sql`
      SELECT ${ITEM} FROM items WHERE id = ANY(${ids}::uuid[]) OR sku = ANY(${skus}::text[]) ORDER BY id FOR UPDATE`);
  }

  /**
   * One statement for each kind of step; no two may be of the same item.
   * @returns by their ids the items that were written, null for one that was removed; not those whose SKU is taken
   */
  async write(ownerId: string, plans: readonly Plan[]): Promise<Map<string, Item | null>> {
    const of = <Step extends Plan['step']>(step: Step) => plans.filter((one): one is Of<Step> => one.step === step);
    return new Map([
      ...(await this.insert(ownerId, of('insert'))).map((item) => [item.id, item] as const),
      ...(await this.update(of('update'))).map((item) => [item.id, item] as const),
      ...(await this.remove(of('remove'))).map(({ id }) => [id, null] as const),
    ]);
  }

  /** In the order of the SKUs, for the same reason as the locks. */
  private async insert(ownerId: string, plans: readonly Of<'insert'>[]): Promise<Item[]> {
    if (plans.length === 0) return [];
    const rows = plans.map(({ id, values }) => ({ ...values, id }));
    return this.database.rows<Item>(sql`
      INSERT INTO items (id, owner_id, sku, ${listed(CONTENT)})
      SELECT id, ${ownerId}::uuid, sku, ${listed(CONTENT)} FROM ${given(rows)} ORDER BY sku
      ON CONFLICT (sku) DO NOTHING
      RETURNING ${ITEM}`);
  }

  /** Sets the columns that differ in any row, and no others, so that nothing is indexed anew in vain. */
  private async update(plans: readonly Of<'update'>[]): Promise<Item[]> {
    if (plans.length === 0) return [];
    const columns = CONTENT.filter((name) =>
      plans.some(({ values, current }) => !isDeepStrictEqual(values[name], current[name])),
    );
    const rows = plans.map(({ id, values }) => ({
      id,
      ...Object.fromEntries(columns.map((name) => [name, values[name]])),
    }));
    return this.database.rows<Item>(sql`
      UPDATE items SET (${listed(columns)}, version, updated_at) = ROW(${listed(columns, 'given')}, items.version + 1, now())
      FROM ${given(rows)} WHERE items.id = given.id
      RETURNING ${ITEM}`);
  }

  private async remove(plans: readonly Of<'remove'>[]): Promise<{ id: string }[]> {
    if (plans.length === 0) return [];
    const ids = plans.map(({ id }) => id);
    return this.database.rows<{ id: string }>(sql`DELETE FROM items WHERE id = ANY(${ids}::uuid[]) RETURNING id`);
  }
}
