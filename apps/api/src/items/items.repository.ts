import {
  Database,
  estimateRows,
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
import { Item } from './item.entity';
import { conditionsOf } from './items.filter';
import type { ItemField, ItemFilter } from './items.query.dto';

const COLUMN: Record<ItemField, string> = {
  id: 'id',
  sku: 'sku',
  name: 'name',
  description: 'description',
  price: 'price',
  currency: 'currency',
  stock: 'stock',
  tags: 'tags',
  attributes: 'attributes',
  ownerId: 'owner_id',
  version: 'version',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
};

const selected = (fields: readonly ItemField[]): Sql =>
  join(fields.map((field) => raw(`${COLUMN[field]} AS "${field}"`)));
const ALL = selected(Object.keys(COLUMN) as ItemField[]);

/** The columns that a caller sets. */
export type ItemValues = Pick<
  Item,
  'sku' | 'name' | 'description' | 'price' | 'currency' | 'stock' | 'tags' | 'attributes'
>;

@Injectable()
export class ItemsRepository {
  constructor(private readonly database: Database) {}

  findMany(ids: readonly string[]): Promise<Item[]> {
    return this.database.rows<Item>(sql`SELECT ${ALL} FROM items WHERE id = ANY(${ids}::uuid[])`);
  }

  findManyBySku(skus: readonly string[]): Promise<Item[]> {
    return this.database.rows<Item>(sql`SELECT ${ALL} FROM items WHERE sku = ANY(${skus}::text[])`);
  }

  async lock(id: string): Promise<Item | undefined> {
    const [row] = await this.database.rows<Item>(sql`SELECT ${ALL} FROM items WHERE id = ${id} FOR UPDATE`);
    return row;
  }

  async lockBySku(sku: string): Promise<Item | undefined> {
    const [row] = await this.database.rows<Item>(sql`SELECT ${ALL} FROM items WHERE sku = ${sku} FOR UPDATE`);
    return row;
  }

  /** Locks what of these there is, in one order for all callers, so that none of them ever waits for another in a circle. */
  async lockMany(ids: readonly string[], skus: readonly string[]): Promise<void> {
    await this.database.rows(
      sql`SELECT 1 FROM items WHERE id = ANY(${ids}::uuid[]) OR sku = ANY(${skus}::text[]) ORDER BY id FOR UPDATE`,
    );
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

  /** Undefined if another item has the SKU and `onTaken` is `skip`; otherwise that violates `items_sku_key`. */
  async insert(
    id: string,
    ownerId: string,
    values: ItemValues,
    onTaken: 'fail' | 'skip' = 'fail',
  ): Promise<Item | undefined> {
    const { sku, name, description, price, currency, stock, tags, attributes } = values;
    const [row] = await this.database.write<Item>(sql`
      INSERT INTO items (id, owner_id, sku, name, description, price, currency, stock, tags, attributes)
      VALUES (${id}, ${ownerId}, ${sku}, ${name}, ${description}, ${price}, ${currency}, ${stock}, ${tags}, ${JSON.stringify(attributes)})
      ${onTaken === 'skip' ? sql`ON CONFLICT (sku) DO NOTHING` : sql``}
      RETURNING ${ALL}`);
    return row;
  }

  async update(id: string, values: ItemValues): Promise<Item> {
    const { sku, name, description, price, currency, stock, tags, attributes } = values;
    const [row] = await this.database.rows<Item>(sql`
      UPDATE items SET sku = ${sku}, name = ${name}, description = ${description}, price = ${price}, currency = ${currency},
        stock = ${stock}, tags = ${tags}, attributes = ${JSON.stringify(attributes)}, version = version + 1, updated_at = now()
      WHERE id = ${id}
      RETURNING ${ALL}`);
    return row as Item;
  }

  async remove(id: string): Promise<void> {
    await this.database.repository(Item).delete(id);
  }

  private matching(filter: ItemFilter): Sql {
    return sql`FROM items WHERE ${join([sql`true`, ...conditionsOf(filter)], ' AND ')}`;
  }
}
