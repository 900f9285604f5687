// On which line each of many short texts came first: exact, outside of V8's heap, and in half of what a Map of strings takes.
import { randomFillSync } from 'node:crypto';

/** Looked up once: in a context of its own, as a test's, each use of a global is a search. */
const { imul } = Math;

const MAX_BYTES = 256;

/** Random, so that nobody can publish texts that meet in one bucket. */
const FACTORS = randomFillSync(new Uint32Array(MAX_BYTES));

/** Texts lie one behind the other. The first pages are small, each twice the one before: of hundreds of sources most have few. */
const PAGE_BYTES = 64 * 1024;
const FIRST_PAGE_BYTES = 4 * 1024;
const FIRST_BUCKETS = 64;

/** Where in an entry the next one of its bucket, its line, the number of its bytes less one, and these are. */
const [NEXT, LINE, LENGTH, TEXT] = [0, 4, 8, 9];
const NONE = 0;

/** The text that is looked for; one byte too many shows that it is too long. */
const sought = Buffer.alloc(MAX_BYTES + 4);

/** A hash that grows by one bucket at a time, so that no line waits until all are sorted anew. */
export class FirstLines {
  private count = 0;
  private readonly pages: Buffer[] = [];
  private page = Buffer.alloc(0);
  private used = 0;
  /** An entry of each, by its place; twice as many as there are entries at most. */
  private heads = new Uint32Array(FIRST_BUCKETS);
  private buckets = FIRST_BUCKETS;
  /** The power of two among as many buckets, or below. */
  private level = FIRST_BUCKETS;

  lineOf(text: string): number | undefined {
    const length = soughtBytes(text);
    const entry = length > MAX_BYTES ? NONE : this.find(length, this.bucketOf(hashOf(sought, 0, length)));
    return entry === NONE ? undefined : this.read(entry, LINE);
  }

  /**
   * @param text well-formed, of 1 to 256 bytes as UTF-8
   * @param line below 2 ** 32
   * @returns the line on which it came already; undefined if it is new, and kept from now on
   */
  add(text: string, line: number): number | undefined {
    const length = soughtBytes(text);
    if (length < 1 || length > MAX_BYTES) throw new RangeError(`A text of 1 to ${MAX_BYTES} bytes is required.`);
    const bucket = this.bucketOf(hashOf(sought, 0, length));
    const known = this.find(length, bucket);
    if (known !== NONE) return this.read(known, LINE);
    const entry = this.append(length);
    this.write(entry, NEXT, this.heads[bucket] as number);
    this.write(entry, LINE, line);
    this.heads[bucket] = entry;
    if (++this.count > this.buckets) this.split();
    return undefined;
  }

  /** The texts, in the order in which they came. */
  *[Symbol.iterator](): Generator<string> {
    for (const page of this.pages) {
      const end = page === this.page ? this.used : page.length;
      for (let at = 0; at < end; at = endOf(page, at)) yield page.toString('utf8', at + TEXT, endOf(page, at));
    }
  }

  private find(length: number, bucket: number): number {
    for (let entry = this.heads[bucket] as number; entry !== NONE; entry = this.read(entry, NEXT)) {
      const page = this.pageOf(entry);
      const at = atOf(entry);
      if (page[at + LENGTH] !== length - 1) continue;
      let same = 0;
      while (same < length && page[at + TEXT + same] === sought[same]) same++;
      if (same === length) return entry;
    }
    return NONE;
  }

  private append(length: number): number {
    if (this.used + TEXT + length > this.page.length) {
      if (this.pages.length > 0) this.pages[this.pages.length - 1] = this.page.subarray(0, this.used);
      this.page = Buffer.allocUnsafeSlow(Math.min(FIRST_PAGE_BYTES * 2 ** this.pages.length, PAGE_BYTES));
      this.pages.push(this.page);
      this.used = 0;
    }
    const entry = (this.pages.length - 1) * PAGE_BYTES + this.used + 1;
    this.page[this.used + LENGTH] = length - 1;
    for (let at = 0; at < length; at++) this.page[this.used + TEXT + at] = sought[at] as number;
    this.used += TEXT + length;
    return entry;
  }

  /** One more bucket, with the entries of another that belong there. */
  private split(): void {
    if (this.buckets === this.heads.length) {
      const heads = new Uint32Array(2 * this.buckets);
      heads.set(this.heads);
      this.heads = heads;
    }
    const parted = [this.buckets - this.level, this.buckets] as const;
    let entry = this.heads[parted[0]] as number;
    this.heads[parted[0]] = NONE;
    if (++this.buckets === 2 * this.level) this.level *= 2;
    while (entry !== NONE) {
      const next = this.read(entry, NEXT);
      const at = atOf(entry) + TEXT;
      const page = this.pageOf(entry);
      const bucket = this.bucketOf(hashOf(page, at, endOf(page, at - TEXT)));
      this.write(entry, NEXT, this.heads[bucket] as number);
      this.heads[bucket] = entry;
      entry = next;
    }
  }

  private bucketOf(hash: number): number {
    const bucket = hash & (2 * this.level - 1);
    return bucket < this.buckets ? bucket : bucket - this.level;
  }

  private pageOf(entry: number): Buffer {
    return this.pages[((entry - 1) / PAGE_BYTES) >>> 0] as Buffer;
  }

  private read(entry: number, at: number): number {
    return this.pageOf(entry).readUInt32LE(atOf(entry) + at);
  }

  private write(entry: number, at: number, value: number): void {
    this.pageOf(entry).writeUInt32LE(value, atOf(entry) + at);
  }
}

/**
 * Puts a text where it is looked for; mostly without Node's call for it, which costs as much as all else.
 * @returns how many bytes it has, or more than the most
 */
function soughtBytes(text: string): number {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 127 || at === MAX_BYTES) return sought.write(text);
    sought[at] = code;
  }
  return text.length;
}

const atOf = (entry: number): number => (entry - 1) % PAGE_BYTES;
const endOf = (page: Buffer, at: number): number => at + TEXT + (page[at + LENGTH] as number) + 1;

/** Multilinear: whoever does not know the factors can't tell which texts meet. Its low bits are mixed from all. */
function hashOf(bytes: Buffer, from: number, to: number): number {
  let hash = 0;
  for (let at = from; at < to; at++) hash = (hash + imul(bytes[at] as number, FACTORS[at - from] as number)) | 0;
  hash = imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
