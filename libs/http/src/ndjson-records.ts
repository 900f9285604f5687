// Reads NDJSON: a JSON object a line, blank lines between them allowed.
import { isUtf8 } from 'node:buffer';
import { byteLines } from './lines';
import { type LineRecord, MAX_RECORD_BYTES, notUtf8, type Reading, tooLong } from './records';
import { fault } from './rules';
import { readJson } from './strict-json';

/** @param maxBytes of a line; a longer one is a fault, and is never held in memory */
export async function* ndjsonRecords(
  source: AsyncIterable<Uint8Array>,
  maxBytes = MAX_RECORD_BYTES,
): AsyncGenerator<LineRecord> {
  for await (const { line, bytes } of byteLines(source, maxBytes)) {
    const read = recordIn(bytes, maxBytes);
    if (read) yield { line, ...read };
  }
}

/**
 * The object that the bytes of a row are the JSON of, or what is wrong with them; undefined if they are blank.
 * @param bytes absent if there were more than `maxBytes`
 */
export function recordIn(bytes: Buffer | undefined, maxBytes: number): Reading<Record<string, unknown>> | undefined {
  if (bytes === undefined) return { faults: [tooLong(maxBytes)] };
  if (!isUtf8(bytes)) return { faults: [notUtf8] };
  const text = bytes.toString();
  return text.trim() === '' ? undefined : objectIn(text);
}

function objectIn(text: string): Reading<Record<string, unknown>> {
  const read = readJson(text);
  if ('faults' in read) return read;
  const isObject = typeof read.value === 'object' && read.value !== null && !Array.isArray(read.value);
  return isObject
    ? { value: read.value as Record<string, unknown> }
    : { faults: fault('not_an_object', 'must be an object') };
}
