import {
  Database,
  estimateRows,
  type Gathered,
  keysetRows,
  type KeysetOrder,
  type KeysetRows,
  type KeysetWindow,
  join,
  raw,
  sql,
  type Sql,
} from '@app/database';
import { Injectable } from '@nestjs/common';
import type { Item, ItemValues } from './item.entity';
import { ALL, COLUMN, CONTENT, listed, selected } from './items.columns';
import type { ItemChanges } from './items.dto';
import { conditionsOf } from './items.filter';
import { mergeOf } from './items.merge';
import type { ItemField, ItemFilter } from './items.query.dto';

/** What an item must be for a write to touch it; absent: anything. */
export interface Allowed {
  readonly ownerId?: string;
  readonly versions?: readonly number[];
}

const CHANGED = sql`version = items.version + 1, updated_at = now()`;

@Injectable()
export class ItemsRepository {
  readonly byId: Gathered<Item>;
  readonly bySku: Gathered<Item>;

  constructor(private readonly database: Database) {
    const select = sql`SELECT ${ALL} FROM items`;
    this.byId = database.gather({ name: 'items_by_id', by: 'id', type: 'uuid', select });
    this.bySku = database.gather({ name: 'items_by_sku', by: 'sku', type: 'text', select });
  }

  /** Locks the item for the work, which may find none; in the round trip of the BEGIN. */
  locked<T>(by: { id: string } | { sku: string }, work: (item: Item | undefined) => Promise<T>): Promise<T> {
    const where = 'id' in by ? sql`id = ${by.id}` : sql`sku = ${by.sku}`;
    const first = [sql`SELECT ${ALL} FROM items WHERE ${where} FOR UPDATE`];
    return this.database.transaction(([rows]) => work(rows?.[0] as Item | undefined), { first });
  }

  page(
    filter: ItemFilter,
    order: KeysetOrder,
    window: KeysetWindow,
    fields?: readonly ItemField[],
  ): Promise<KeysetRows<Item>> {
    const columns = fields ? selected([...new Set<ItemField>(['id', ...fields])]) : ALL;
    return keysetRows<Item>(this.database, { columns, from: sql`items`, where: conditionsOf(filter), order, window });
  }

  async count(filter: ItemFilter): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>(sql`SELECT count(*) AS count ${this.matching(filter)}`);
    return row?.count ?? 0;
  }

  estimate(filter: ItemFilter): Promise<number> {
    return estimateRows(this.database, sql`SELECT 1 ${this.matching(filter)}`);
  }

  /** Violates `items_sku_key` if another item has the SKU. */
  async insert(id: string, ownerId: string, values: ItemValues): Promise<Item> {
    const [row] = await this.database.write<Item>(sql`${insertion(id, ownerId, values)} RETURNING ${ALL}`);
    return row as Item;
  }

  /** Inserts, or replaces the item that has the SKU; undefined if that one is not allowed, or is as the values say. */
  async put(id: string, ownerId: string, values: ItemValues, allowed: Allowed): Promise<Item | undefined> {
    const [row] = await this.database.write<Item>(sql`
      ${insertion(id, ownerId, values)}
      ON CONFLICT (sku) DO UPDATE SET (${listed(CONTENT)}) = ROW(${listed(CONTENT, 'excluded')}), ${CHANGED}
      WHERE ${conditionsFor(allowed)}
        AND (${listed(CONTENT, 'items')}) IS DISTINCT FROM (${listed(CONTENT, 'excluded')})
      RETURNING ${ALL}`);
    return row;
  }

  /**
   * Merges the changes into whatever the item is when its turn has come. Undefined if there is nothing to change, or it is not
   * allowed: then `locked()` shows which.
   */
  async merge(id: string, changes: ItemChanges, allowed: Allowed): Promise<Item | undefined> {
    const { values, rules } = mergeOf(changes);
    if (values.length === 0) return undefined;
    const columns = values.map(([field, value]) => ({ column: raw(COLUMN[field]), value }));
    const differs = columns.map(({ column, value }) => sql`${column} IS DISTINCT FROM ${value}`);
    const [row] = await this.database.write<Item>(sql`
      UPDATE items SET ${join(columns.map(({ column, value }) => sql`${column} = ${value}`))}, ${CHANGED}
      WHERE id = ${id} AND ${conditionsFor(allowed)} AND ${join([sql`(${join(differs, ' OR ')})`, ...rules], ' AND ')}
      RETURNING ${ALL}`);
    return row;
  }

  async update(id: string, values: ItemValues): Promise<Item> {
    const { sku, name, description, price, currency, stock, tags, attributes } = values;
    const [row] = await this.database.rows<Item>(sql`
      UPDATE items SET sku = ${sku}, name = ${name}, description = ${description}, price = ${price}, currency = ${currency},
        stock = ${stock}, tags = ${tags}, attributes = ${JSON.stringify(attributes)}, ${CHANGED}
      WHERE id = ${id}
      RETURNING ${ALL}`);
    return row as Item;
  }

  /** False if there is none, or it is not allowed. */
  async remove(id: string, allowed: Allowed = {}): Promise<boolean> {
    const rows = await this.database.write(
      sql`DELETE FROM items WHERE id = ${id} AND ${conditionsFor(allowed)} RETURNING id`,
    );
    return rows.length > 0;
  }

  private matching(filter: ItemFilter): Sql {
    return sql`FROM items WHERE ${join([sql`true`, ...conditionsOf(filter)], ' AND ')}`;
  }
}

const insertion = (
  id: string,
  ownerId: string,
  { sku, name, description, price, currency, stock, tags, attributes }: ItemValues,
): Sql => sql`
  INSERT INTO items (id, owner_id, sku, name, description, price, currency, stock, tags, attributes)
  VALUES (${id}, ${ownerId}, ${sku}, ${name}, ${description}, ${price}, ${currency}, ${stock}, ${tags}, ${JSON.stringify(attributes)})`;

const conditionsFor = ({ ownerId, versions }: Allowed): Sql =>
  join(
    [
      sql`true`,
      ...(ownerId === undefined ? [] : [sql`items.owner_id = ${ownerId}`]),
      ...(versions === undefined ? [] : [sql`items.version = ANY(${versions}::bigint[])`]),
    ],
    ' AND ',
  );
