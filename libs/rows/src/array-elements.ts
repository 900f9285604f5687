// Splits a JSON array into the bytes of its elements as it streams; what is in them is read by others.
import { BrokenRows } from './broken-rows';

export interface Element {
  /** From 1. */
  readonly ordinal: number;
  /** Absent if there are too many. */
  readonly bytes?: Buffer;
}

const [TAB, LINE_FEED, RETURN, SPACE] = [9, 10, 13, 32];
const [QUOTE, COMMA, BACKSLASH] = [34, 44, 92];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125];
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Where the scan is; brackets within elements are counted, not matched, since an element is read as JSON afterwards. */
type Place = 'start' | 'first' | 'element' | 'text' | 'escape' | 'separator' | 'next' | 'end';

export class ArrayElements {
  private place: Place = 'start';
  private depth = 0;
  private ordinal = 0;
  private marks = 0;
  private held: Buffer[] = [];
  private heldBytes = 0;

  /** @param maxBytes of an element; a longer one is skipped and never held */
  constructor(private readonly maxBytes: number) {}

  /**
   * The elements that end in this chunk.
   * @throws BrokenRows when it is no array
   */
  *take(chunk: Buffer): Generator<Element> {
    let from = this.isWithin ? 0 : -1;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (this.place === 'text') {
        if (byte === QUOTE) this.place = 'element';
        else if (byte === BACKSLASH) this.place = 'escape';
      } else if (this.place === 'escape') this.place = 'text';
      else if (this.place !== 'element') {
        if (this.between(byte)) from = at--;
      } else if (byte === QUOTE) this.place = 'text';
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.depth++;
      else if (this.depth > 0) {
        if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && --this.depth === 0) {
          yield this.end(chunk.subarray(from, at + 1));
          from = -1;
        }
      } else if (byte === COMMA || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT || isSpace(byte)) {
        yield this.end(chunk.subarray(from, at));
        from = -1;
        at--;
      }
    }
    if (from !== -1) this.hold(chunk.subarray(from));
  }

  /** @throws BrokenRows when the array has no end */
  finish(): void {
    if (this.place === 'start') throw new BrokenRows('empty', 'There is nothing in it.');
    if (this.place !== 'end')
      throw new BrokenRows('truncated', 'The array is cut short: it has no closing bracket.', this.ordinal);
  }

  private get isWithin(): boolean {
    return this.place === 'element' || this.place === 'text' || this.place === 'escape';
  }

  /** @returns whether an element begins with this byte, which then has to be looked at again as a part of it */
  private between(byte: number): boolean {
    if (isSpace(byte)) return false;
    switch (this.place) {
      case 'start':
        if (byte === BYTE_ORDER_MARK[this.marks]) this.marks++;
        else if (byte === OPEN_ARRAY && this.marks % BYTE_ORDER_MARK.length === 0) this.place = 'first';
        else throw new BrokenRows('not_an_array', 'It must be one JSON array, from the first byte on.');
        return false;
      case 'separator':
        if (byte === COMMA) this.place = 'next';
        else if (byte === CLOSE_ARRAY) this.place = 'end';
        else throw new BrokenRows('broken_array', `A comma is missing behind element ${this.ordinal}.`, this.ordinal);
        return false;
      case 'end':
        throw new BrokenRows('broken_array', 'Something stands behind the end of the array.', this.ordinal);
      default:
        return this.begin(byte);
    }
  }

  private begin(byte: number): boolean {
    if (byte === CLOSE_ARRAY && this.place === 'first') {
      this.place = 'end';
      return false;
    }
    if (byte === COMMA || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT)
      throw new BrokenRows('broken_array', `Behind element ${this.ordinal}, an element is missing.`, this.ordinal);
    this.place = 'element';
    return true;
  }

  private hold(part: Buffer): void {
    this.heldBytes += part.length;
    if (this.heldBytes > this.maxBytes) this.held = [];
    else this.held.push(part);
  }

  private end(part: Buffer): Element {
    this.hold(part);
    const isTooLong = this.heldBytes > this.maxBytes;
    const bytes = this.held.length > 1 ? Buffer.concat(this.held) : (this.held[0] as Buffer);
    this.held = [];
    this.heldBytes = 0;
    this.place = 'separator';
    return { ordinal: ++this.ordinal, ...(!isTooLong && { bytes }) };
  }
}

const isSpace = (byte: number): boolean => byte === SPACE || byte === LINE_FEED || byte === RETURN || byte === TAB;
