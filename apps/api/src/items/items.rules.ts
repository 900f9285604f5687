import type { Fault } from '@app/http';
import type { ItemValues } from './item.entity';

export const MAX_ATTRIBUTES = 64;
/** As JSON, in UTF-8: their words must fit into a tsvector, which has at most 1 MiB and is some times as long as its text. */
export const MAX_ATTRIBUTES_BYTES = 128 * 1024;

/** A character as `\u001f`, and what stands around a key, a number or a literal. */
const MOST_BYTES = { character: 6, entry: 32 } as const;

/** Without making the JSON, which costs as much as all other checks of a row: no attributes are longer than this says. */
function mayBeTooLong(attributes: ItemValues['attributes']): boolean {
  let bytes = 2;
  for (const [key, value] of Object.entries(attributes))
    bytes += MOST_BYTES.entry + MOST_BYTES.character * (key.length + (typeof value === 'string' ? value.length : 0));
  return bytes > MAX_ATTRIBUTES_BYTES;
}

/** What is wrong between the fields of an item, each of which is good. */
export function faultsBetween({ price, currency, attributes }: ItemValues): Fault[] {
  const faults: Fault[] = [];
  if ((price === null) !== (currency === null)) {
    const missing = price === null ? 'price' : 'currency';
    faults.push({
      code: 'required',
      detail: 'is required: price and currency come together',
      at: `/${missing}`,
    });
  }
  // Of two good objects that were merged.
  if (Object.keys(attributes).length > MAX_ATTRIBUTES)
    faults.push({ code: 'too_many', detail: `must have at most ${MAX_ATTRIBUTES} keys`, at: '/attributes' });
  if (mayBeTooLong(attributes) && Buffer.byteLength(JSON.stringify(attributes)) > MAX_ATTRIBUTES_BYTES)
    faults.push({
      code: 'too_long',
      detail: `must have at most ${MAX_ATTRIBUTES_BYTES} bytes as JSON`,
      at: '/attributes',
    });
  return faults;
}
