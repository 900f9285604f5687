// How the values of PostgreSQL arrive here, where the driver would do otherwise, or take longer.
import { types } from 'pg';

const INT8 = 20;
const TEXT_ARRAY = 1009;
const TIMESTAMPTZ = 1184;

const driversOwn = (oid: number): unknown => types.getTypeParser(oid);
const parseTexts = driversOwn(TEXT_ARRAY) as (text: string) => (string | null)[];
const parseMoment = driversOwn(TIMESTAMPTZ) as (text: string) => Date;

/** Something quoted, null, other bounds or more dimensions. */
const UNUSUAL = /["\\]|NULL|^\[|.\{/;

/** The driver makes an object of each character. */
function textsOf(text: string): (string | null)[] {
  if (text === '{}') return [];
  return UNUSUAL.test(text) ? parseTexts(text) : text.slice(1, -1).split(',');
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

/** Counts and prices are bigint; all fit a JavaScript number (2^53), so they arrive as one. */
export function getTypeParser(oid: number, format?: 'text'): unknown {
  switch (oid) {
    case INT8:
      return Number;
    case TEXT_ARRAY:
      return textsOf;
    case TIMESTAMPTZ:
      return momentOf;
    default:
      return types.getTypeParser(oid, format);
  }
}
