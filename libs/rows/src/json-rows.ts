// Reads a JSON array of objects as rows, one after the other, however long the array is.
import { type LineRecord, MAX_RECORD_BYTES, recordIn, Turns } from '@app/http';
import { ArrayElements } from './array-elements';

/** `line` is the ordinal of the element, from 1. */
export async function* jsonRows(
  source: AsyncIterable<Uint8Array>,
  maxBytes = MAX_RECORD_BYTES,
): AsyncGenerator<LineRecord> {
  const elements = new ArrayElements(maxBytes);
  const turns = new Turns();
  for await (const chunk of source) {
    for (const { ordinal, bytes } of elements.take(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))) {
      const read = recordIn(bytes, maxBytes);
      if (read) yield { line: ordinal, ...read };
      if (turns.isOver) await turns.pass();
    }
  }
  elements.finish();
}
