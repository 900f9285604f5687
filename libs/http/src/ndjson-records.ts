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
    if (bytes === undefined) yield { line, faults: [tooLong(maxBytes)] };
    else if (!isUtf8(bytes)) yield { line, faults: [notUtf8] };
    else {
      const text = bytes.toString();
      if (text.trim() !== '') yield { line, ...objectIn(text) };
    }
  }
}

function objectIn(text: string): Reading<Record<string, unknown>> {
  const read = readJson(text);
  if ('faults' in read) return read;
  const isObject = typeof read.value === 'object' && read.value !== null && !Array.isArray(read.value);
  return isObject
    ? { value: read.value as Record<string, unknown> }
    : { faults: fault('not_an_object', 'must be an object') };
}
