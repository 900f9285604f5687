// How the values of PostgreSQL arrive here, where the driver would do otherwise, or take longer.
import { types } from 'pg';

const INT8 = 20;
const TEXT_ARRAY = 1009;
const TIMESTAMPTZ = 1184;

const driversOwn = (oid: number): unknown => types.getTypeParser(oid);
const parseTexts = driversOwn(TEXT_ARRAY) as (text: string) => (string | null)[];
const parseMoment = driversOwn(TIMESTAMPTZ) as (text: string) => Date;

/** Null, other bounds or more dimensions; maybe only a text that looks like it. */
const UNUSUAL = /NULL|^\[|^\{\{/;

/** The driver makes an object of each character. */
function textsOf(text: string): (string | null)[] {
  if (text === '{}') return [];
  if (UNUSUAL.test(text)) return parseTexts(text);
  return text.includes('"') ? quotedTextsOf(text) : text.slice(1, -1).split(',');
}

/** Of an array some of whose elements are quoted (PostgreSQL: "Array Input and Output Syntax"). */
function quotedTextsOf(text: string): string[] {
  const texts: string[] = [];
  for (let at = 1; at < text.length; at++) {
    const isQuoted = text[at] === '"';
    const end = isQuoted ? endOfQuoted(text, at) : endOfPlain(text, at);
    const inner = isQuoted ? text.slice(at + 1, end) : text.slice(at, end);
    texts.push(inner.includes('\\') ? inner.replace(/\\(.)/gs, '$1') : inner);
    at = isQuoted ? end + 1 : end;
  }
  // A copy, since what has grown has room for 17.
  return texts.slice();
}

/** @returns where the quote that ends it stands */
function endOfQuoted(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  // Behind an odd number of backslashes, it is one of the characters.
  while (backslashesBefore(text, end) % 2 === 1) end = text.indexOf('"', end + 1);
  return end;
}

function backslashesBefore(text: string, end: number): number {
  let count = 0;
  while (text[end - 1 - count] === '\\') count++;
  return count;
}

function endOfPlain(text: string, start: number): number {
  const end = text.indexOf(',', start);
  return end === -1 ? text.length - 1 : end;
}

/** Remembers the text that it was read from: most moments are only read to be shown, and V8 takes longer to write one than to read it. */
class Moment extends Date {
  private readonly read = this.getTime();

  /** @param iso as `toISOString()` writes it */
  constructor(private readonly iso: string) {
    super(iso);
  }

  override toISOString(): string {
    return this.getTime() === this.read ? this.iso : super.toISOString();
  }
}

/** What a server that keeps UTC says of our milliseconds is nearly ISO 8601, which V8 reads itself. */
const momentOf = (text: string): Date =>
  text.length === 26 && text.endsWith('+00')
    ? new Moment(`${text.slice(0, 10)}T${text.slice(11, 23)}Z`)
    : parseMoment(text);

type Parser = (value: never) => unknown;

/** Counts and prices are bigint; all fit a JavaScript number (2^53), so they arrive as one. */
export function getTypeParser(oid: number, format: 'text' | 'binary' = 'text'): Parser {
  if (format === 'binary') return types.getTypeParser(oid, format) as Parser;
  switch (oid) {
    case INT8:
      return Number;
    case TEXT_ARRAY:
      return textsOf;
    case TIMESTAMPTZ:
      return momentOf;
    default:
      return types.getTypeParser(oid) as Parser;
  }
}
