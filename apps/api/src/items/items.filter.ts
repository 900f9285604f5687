// What the filters and sorts of a list mean in SQL; each rides on an index of the entity.
import { type KeysetOrder, sql, type Sql } from '@app/database';
import type { ItemFilter, ListItemsQuery } from './items.query.dto';

/** `terms_of()` cuts a term here, since an index entry has a bounded size. */
const TERM_VALUE_LENGTH = 200;

/** Only a hyphen in front of a word or a quote negates it; of others, PostgreSQL's parser takes 32 (then: "tsquery stack too small"). */
const search = (q: string): Sql => sql`websearch_to_tsquery('english', ${q.replace(/-(?![\p{L}\p{N}"])/gu, ' ')})`;

export function conditionsOf(filter: ItemFilter): Sql[] {
  const { q, tag, sku, ownerId, priceMin, priceMax, currency, stockMin, updatedSince, attr } = filter;
  return [
    q !== undefined && sql`search @@ ${search(q)}`,
    tag !== undefined && sql`tags @> ${tag}::text[]`,
    sku !== undefined && sql`sku = ANY(${sku}::text[])`,
    ownerId !== undefined && sql`owner_id = ${ownerId}::uuid`,
    priceMin !== undefined && sql`price >= ${priceMin}::bigint`,
    priceMax !== undefined && sql`price <= ${priceMax}::bigint`,
    currency !== undefined && sql`currency = ${currency}`,
    stockMin !== undefined && sql`stock >= ${stockMin}::integer`,
    updatedSince !== undefined && sql`updated_at >= ${updatedSince}::timestamptz`,
    ...(attr ?? []).flatMap(attributeIs),
  ].filter((one) => one !== false);
}

function attributeIs(text: string): Sql[] {
  const colon = text.indexOf(':');
  const [key, value] = [text.slice(0, colon), text.slice(colon + 1)];
  const term = `${key}:${[...value].slice(0, TERM_VALUE_LENGTH).join('')}`;
  const isCut = value.length >= TERM_VALUE_LENGTH;
  const number = isCut ? undefined : respelt(value);
  if (number !== undefined) {
    const plain = sql`${number}::numeric::text`;
    return [
      sql`terms && ARRAY[${term}, ${`${key}:`} || left(${plain}, ${TERM_VALUE_LENGTH}::integer)]::text[]`,
      sql`attributes ->> ${key} IN (${value}, ${plain})`,
    ];
  }
  return [sql`terms @> ARRAY[${term}]::text[]`, ...(isCut ? [sql`attributes ->> ${key} = ${value}`] : [])];
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/** A number as JSON wrote it, if PostgreSQL, which knows no exponent, has it in other digits than these. */
function respelt(value: string): string | undefined {
  if (!NUMBER.test(value) || !Number.isFinite(Number(value))) return undefined;
  const written = JSON.stringify(Number(value));
  return written === value && !written.includes('e') ? undefined : written;
}

export function orderOf({ sort, q }: ListItemsQuery): KeysetOrder {
  if (sort === undefined && q !== undefined)
    return { by: sql`ts_rank_cd(search, ${search(q)})`, type: 'real', isDescending: true };
  const name = sort ?? '-createdAt';
  const isDescending = name.startsWith('-');
  switch (name) {
    case 'updatedAt':
    case '-updatedAt':
      return { by: sql`updated_at`, type: 'timestamptz', isDescending };
    case 'name':
    case '-name':
      return { by: sql`name`, type: 'text', isDescending };
    case 'price':
    case '-price':
      return { by: sql`price`, type: 'bigint', isDescending, isNullable: true };
    default:
      return { by: sql`created_at`, type: 'timestamptz', isDescending };
  }
}
