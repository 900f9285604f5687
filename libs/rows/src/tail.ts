// Watches the bytes of rows on their way: how many they are, and whether they end where a row ends.
import { BrokenRows } from './broken-rows';

const LINE_FEED = 10;

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
      // Not indexOf(), which costs a call for each line.
      for (let at = 0; at < chunk.length; at++) if (chunk[at] === LINE_FEED) lines++;
      if (lines > this.maxLines) throw new BrokenRows('too_many_rows', `It has more than ${this.maxLines} lines.`);
      yield chunk;
    }
  }
}
