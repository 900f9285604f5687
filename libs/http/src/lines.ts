// Splits bytes into lines of a bounded size: a longer one is skipped without being held, and the event loop gets its turns.
import { Turns } from './turns';

const LINE_FEED = 10;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

export interface Line {
  /** From 1. */
  readonly line: number;
  /** Without the line feed; absent if there are too many. */
  readonly bytes?: Buffer;
}

/** Every line, blank ones too; a byte order mark at the start is left out. */
export async function* byteLines(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Line> {
  let line = 0;
  let held: Buffer[] = [];
  let bytes = 0;
  const hold = (part: Buffer): void => {
    bytes += part.length;
    if (bytes > maxBytes) held = [];
    else if (part.length > 0) held.push(part);
  };
  const take = (): Line => {
    const [first = Buffer.alloc(0)] = held;
    const whole = held.length > 1 ? Buffer.concat(held) : first;
    const isMarked = line === 0 && whole.subarray(0, 3).equals(BYTE_ORDER_MARK);
    const isTooLong = bytes > maxBytes;
    held = [];
    bytes = 0;
    return { line: ++line, ...(!isTooLong && { bytes: isMarked ? whole.subarray(3) : whole }) };
  };

  const turns = new Turns();
  for await (const chunk of source) {
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = buffer.indexOf(LINE_FEED); end !== -1; end = buffer.indexOf(LINE_FEED, start)) {
      hold(buffer.subarray(start, end));
      start = end + 1;
      yield take();
      if (turns.isOver) await turns.pass();
    }
    hold(buffer.subarray(start));
  }
  if (bytes > 0) yield take();
}
