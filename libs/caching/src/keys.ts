// Names of what is cached.
import { createHash } from 'node:crypto';

const APP = 'floodgate';
/** Characters; longer ones are replaced by their digest. */
const MAX_KEY = 200;

/** The same text for the same question: members in the order of their names, without those that say nothing. */
export function keyOf(key: string | object): string {
  if (typeof key === 'string') return key;
  return JSON.stringify(key, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Of an entry in Redis: another history of the database or another shape of the values is another key. */
export function fullKey(epoch: string, cache: string, schema: string, key: string): string {
  const short = key.length <= MAX_KEY ? key : `#${createHash('sha256').update(key).digest('base64url')}`;
  return `${APP}:${epoch}:${cache}:${schema}:${short}`;
}
