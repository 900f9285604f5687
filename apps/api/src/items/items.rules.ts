import type { Fault } from '@app/http';
import type { ItemValues } from './item.entity';

export const MAX_ATTRIBUTES = 64;
/** As JSON, in UTF-8: their words must fit into a tsvector, which has at most 1 MiB and is some times as long as its text. */
export const MAX_ATTRIBUTES_BYTES = 128 * 1024;

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
  if (Buffer.byteLength(JSON.stringify(attributes)) > MAX_ATTRIBUTES_BYTES)
    faults.push({
      code: 'too_long',
      detail: `must have at most ${MAX_ATTRIBUTES_BYTES} bytes as JSON`,
      at: '/attributes',
    });
  return faults;
}
