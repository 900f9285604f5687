// A merge patch (RFC 7396) of an item: in memory, and as one UPDATE that PostgreSQL applies to whatever the row is by then.
import { raw, sql, type Sql } from '@app/database';
import type { Item, ItemValues } from './item.entity';
import type { Attributes, ItemChanges } from './items.dto';
import { MAX_ATTRIBUTES, MAX_ATTRIBUTES_BYTES } from './items.rules';

export function merged(current: Item, { attributes, ...changes }: ItemChanges): ItemValues {
  const kept: Attributes = { ...current.attributes, ...attributes };
  for (const [key, value] of Object.entries(attributes ?? {})) if (value === null) delete kept[key];
  return { ...current, ...changes, attributes: kept };
}

/** As parts of an UPDATE. */
export interface Merge {
  /** The new value of each field that is named; of no other, so that nothing else is indexed anew. */
  readonly values: readonly (readonly [field: keyof ItemValues, value: Sql])[];
  /** What must hold between fields. */
  readonly rules: readonly Sql[];
}

export function mergeOf({ attributes, ...changes }: ItemChanges): Merge {
  const patched = attributes && patchOf(attributes);
  const plain = Object.entries(changes) as [keyof typeof changes, unknown][];
  return {
    values: [
      ...plain.map(([field, value]) => [field, sql`${value}`] as const),
      ...(patched ? [['attributes', patched] as const] : []),
    ],
    rules: [...pricing(changes), ...(patched ? [fits(patched)] : [])],
  };
}

function patchOf(attributes: Attributes): Sql {
  const entries = Object.entries(attributes);
  const kept = Object.fromEntries(entries.filter(([, value]) => value !== null));
  const gone = entries.filter(([, value]) => value === null).map(([key]) => key);
  return sql`((attributes || ${JSON.stringify(kept)}::jsonb) - ${gone}::text[])`;
}

/** Price and currency come together. */
function pricing(changes: ItemChanges): Sql[] {
  if (changes.price === undefined && changes.currency === undefined) return [];
  const isNull = (field: 'price' | 'currency'): Sql =>
    changes[field] === undefined ? sql`${raw(field)} IS NULL` : raw(String(changes[field] === null));
  return [sql`(${isNull('price')}) = (${isNull('currency')})`];
}

/** PostgreSQL writes spaces between members, and no number shorter: what fits here fits the rule, which is about JSON without. */
const fits = (attributes: Sql): Sql =>
  sql`(SELECT count(*) FROM jsonb_object_keys(${attributes})) <= ${MAX_ATTRIBUTES} AND octet_length(${attributes}::text) <= ${MAX_ATTRIBUTES_BYTES}`;
