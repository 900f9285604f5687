// Watches the bytes of rows on their way: how many they are, and whether they end where a row ends.
import { BrokenRows } from './broken-rows';

const LINE_FEED = 10;
/** Bytes of a line from which on it is cheaper to look for its end than to step through it. */
const LONG = 64;

export class Tail {
  bytes = 0;
  /** The last byte is not a line feed. */
  isOpen = false;

  /** @param maxLines so many line feeds; a source of blank lines has no rows that could be counted */
  constructor(private readonly maxLines: number) {}

  /** @throws BrokenRows when there are too many lines */
  async *watch(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let lines = 0;
    for await (const chunk of source) {
      if (chunk.length === 0) continue;
      this.bytes += chunk.length;
      this.isOpen = chunk[chunk.length - 1] !== LINE_FEED;
      lines += linesIn(chunk);
      if (lines > this.maxLines) throw new BrokenRows('too_many_rows', `It has more than ${this.maxLines} lines.`);
      yield chunk;
    }
  }
}

/** A search is a call for each line: it goes on as long as lines are long, so that a source of blank ones costs a step a byte. */
function linesIn(chunk: Uint8Array): number {
  let lines = 0;
  let at = chunk.indexOf(LINE_FEED);
  for (; at >= lines * LONG; at = chunk.indexOf(LINE_FEED, at + 1)) lines++;
  if (at !== -1) for (; at < chunk.length; at++) if (chunk[at] === LINE_FEED) lines++;
  return lines;
}
