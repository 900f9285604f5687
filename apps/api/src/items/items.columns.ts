import { join, raw, type Sql } from '@app/database';
import type { ItemField } from './items.query.dto';

export const COLUMN: Record<ItemField, string> = {
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

/** A select list that gives the fields of an item under their names. */
export const selected = (fields: readonly ItemField[]): Sql =>
  join(fields.map((field) => raw(`items.${COLUMN[field]} AS "${field}"`)));
export const ALL = selected(Object.keys(COLUMN) as ItemField[]);

/** What a caller replaces. */
export const CONTENT = ['name', 'description', 'price', 'currency', 'stock', 'tags', 'attributes'] as const;

/** @param table absent: the columns bare, as INSERT and SET name them */
export const listed = (columns: readonly string[], table?: string): Sql =>
  raw(columns.map((column) => (table === undefined ? column : `${table}.${column}`)).join(', '));

/** Of rows that travel as JSON, which PostgreSQL takes apart as fast as arrays, and which has no second way to write a value. */
export const GIVEN = raw(`id uuid, sku text, name text, description text, price bigint, currency text, stock integer,
  tags text[], attributes jsonb`);
