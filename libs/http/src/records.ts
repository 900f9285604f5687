// What a streamed body is read as: one record a line, each good or with its faults, so that a bad one costs only itself.
import type { Fault } from './rules';

/** A body of 256 KiB as a line, and what an export adds to it: members that the server owns, quotes that CSV doubles. */
export const MAX_RECORD_BYTES = 384 * 1024;

export type Reading<T> = { readonly value: T } | { readonly faults: Fault[] };
export type LineRecord = { readonly line: number } & Reading<Record<string, unknown>>;

export const tooLong = (maxBytes: number): Fault => ({
  code: 'line_too_long',
  detail: `must have at most ${maxBytes} bytes`,
});
export const notUtf8: Fault = { code: 'invalid_utf8', detail: 'must be UTF-8' };
