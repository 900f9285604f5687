import { isDeepStrictEqual } from 'node:util';
import { Database, sql } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { Item, ItemValues } from './item.entity';
import type { Plan } from './items.batch.plan';
import { ALL, CONTENT, GIVEN, listed } from './items.columns';

type Of<Step extends Plan['step']> = Extract<Plan, { step: Step }>;
type Row = Partial<ItemValues> & { readonly id: string };

const given = (rows: readonly Row[]) => sql`json_to_recordset(${JSON.stringify(rows)}::json) AS given (${GIVEN})`;

@Injectable()
export class ItemsBatchRepository {
  constructor(private readonly database: Database) {}

  /** Locks what of these there is, in one order for all callers, so that none of them ever waits for another in a circle. */
  lock(ids: readonly string[], skus: readonly string[]): Promise<Item[]> {
    return this.database.rows<Item>(sql`
      SELECT ${ALL} FROM items WHERE id = ANY(${ids}::uuid[]) OR sku = ANY(${skus}::text[]) ORDER BY id FOR UPDATE`);
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
      RETURNING ${ALL}`);
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
      RETURNING ${ALL}`);
  }

  private async remove(plans: readonly Of<'remove'>[]): Promise<{ id: string }[]> {
    if (plans.length === 0) return [];
    const ids = plans.map(({ id }) => id);
    return this.database.rows<{ id: string }>(sql`DELETE FROM items WHERE id = ANY(${ids}::uuid[]) RETURNING id`);
  }
}
