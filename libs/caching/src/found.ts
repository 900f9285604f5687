// What a cache knows under a key, in this process and as it travels through Redis.
import { parseSnapshot, type Snapshot, textOfSnapshot } from '@app/database';
import type { Kept } from './memory';

/** A value, or the knowledge that there is none, and what it was built from. */
export class Found<V> implements Kept {
  uses = 0;
  readonly bytes: number;

  constructor(
    readonly key: string,
    readonly value: V | undefined,
    readonly tags: readonly string[],
    /** The tags that loads of other caches brought in. */
    readonly foreign: readonly string[],
    /** Milliseconds on the clock of `performance.now()`. */
    readonly expiresAt: number,
  ) {
    this.bytes = OVERHEAD + key.length * 2 + frozenSizeOf(value) + tags.length * BYTES_PER_TAG;
  }
}

/** Estimates of what V8 needs. */
const OVERHEAD = 300;
const BYTES_PER_TAG = 150;
const BYTES_PER_VALUE = 16;

/** Frozen, since it is shared by all who ask: a caller that changed it would change it for everyone. Weighed on the same way. */
function frozenSizeOf(value: unknown): number {
  if (typeof value === 'string') return BYTES_PER_VALUE + value.length * 2;
  if (typeof value !== 'object' || value === null) return BYTES_PER_VALUE;
  Object.freeze(value);
  let size = BYTES_PER_VALUE * 2;
  for (const name in value) size += name.length * 2 + frozenSizeOf((value as Record<string, unknown>)[name]);
  return size;
}

interface Stored {
  /** Snapshot before the load, tags, value; no value: known to be absent. */
  s: string;
  t: readonly string[];
  v?: unknown;
}

export const toStored = (snapshot: Snapshot, tags: readonly string[], value: unknown): Stored => ({
  s: textOfSnapshot(snapshot),
  t: tags,
  ...(value !== undefined && { v: value }),
});

/** Undefined for whatever is not one of ours: anybody may have written there. */
export function fromStored(
  stored: object | undefined,
): { snapshot: Snapshot; tags: readonly string[]; value: unknown } | undefined {
  const { s, t, v } = (stored ?? {}) as Partial<Stored>;
  const snapshot = typeof s === 'string' ? parseSnapshot(s) : undefined;
  if (!snapshot || !Array.isArray(t) || t.length === 0 || !t.every((tag) => typeof tag === 'string')) return undefined;
  return { snapshot, tags: t, value: v };
}
