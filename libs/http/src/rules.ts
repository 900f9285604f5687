// What a single value may be: a check that names its faults, the same thing as JSON Schema, and how a query spells it.

export type Schema = Record<string, unknown>;

export interface Fault {
  /** Stable, snake_case. */
  readonly code: string;
  /** Continues a sentence that begins with the field's name: "must be …". */
  readonly detail: string;
  /** JSON Pointer from the value to the part that is wrong. */
  readonly at?: string;
}

export interface Rule {
  /** JSON Schema 2020-12. */
  readonly schema: Schema;
  /** All that is wrong with a value; none: it is good. */
  faults(value: unknown): Fault[];
  /** The value that a query parameter's text stands for; text that stands for none is returned as it is, and is a fault. */
  fromQuery(value: unknown): unknown;
  /** Brings a good value into the one form that is stored. */
  normalize(value: unknown): unknown;
}

export const GOOD: Fault[] = [];
const same = (value: unknown): unknown => value;
/** JSON can say -0, which is stored as 0 and would forever differ from it. */
const withoutMinusZero = (value: unknown): unknown => (value === 0 ? 0 : value);
const asIs = { fromQuery: same, normalize: same };

export const fault = (code: string, detail: string): Fault[] => [{ code, detail }];

export const wrongType = (value: unknown, expected: string): Fault[] =>
  value === undefined ? fault('required', 'is required') : fault('wrong_type', `must be ${expected}`);

export interface TextOptions {
  /** Unicode code points. */
  min?: number;
  max: number;
  pattern?: RegExp;
  /** What the pattern means: "must be …". */
  expected?: string;
  format?: string;
  writeOnly?: boolean;
}

/** PostgreSQL stores no NUL, and neither it nor JSON can carry half of a surrogate pair. */
const isStorable = (value: string): boolean => !value.includes('\0') && value.isWellFormed();

export function text({ min = 0, max, pattern, expected, format, writeOnly }: TextOptions): Rule {
  const schema = {
    type: 'string',
    ...(min > 0 && { minLength: min }),
    maxLength: max,
    ...(pattern && { pattern: pattern.source }),
    ...(format && { format }),
    ...(writeOnly && { writeOnly }),
  };
  const lengthOf = (value: string) => (value.length < min * 2 || value.length > max ? [...value].length : value.length);
  return {
    ...asIs,
    schema,
    faults(value) {
      if (typeof value !== 'string') return wrongType(value, 'text');
      if (!isStorable(value)) return fault('invalid_character', 'must not contain NUL or lone surrogates');
      const length = value.length > max * 2 ? value.length : lengthOf(value);
      if (expected !== undefined && min === max && length !== max) return fault('wrong_format', `must be ${expected}`);
      if (length < min) return fault('too_short', `must have at least ${min} character${min === 1 ? '' : 's'}`);
      if (length > max) return fault('too_long', `must have at most ${max} characters`);
      if (pattern && !pattern.test(value))
        return fault('wrong_format', `must be ${expected ?? `like ${pattern.source}`}`);
      return GOOD;
    },
  };
}

export function wholeNumber({ min, max }: { min: number; max: number }): Rule {
  const detail = `must be a whole number from ${min} to ${max}`;
  return {
    ...asIs,
    schema: { type: 'integer', minimum: min, maximum: max },
    normalize: withoutMinusZero,
    fromQuery: (value) => (typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value),
    faults(value) {
      if (typeof value !== 'number' || !Number.isInteger(value))
        return wrongType(value, detail.slice('must be '.length));
      return value < min || value > max ? fault('out_of_range', detail) : GOOD;
    },
  };
}

export function finiteNumber(): Rule {
  return {
    ...asIs,
    schema: { type: 'number' },
    normalize: withoutMinusZero,
    faults: (value) => (Number.isFinite(value) ? GOOD : wrongType(value, 'a number')),
  };
}

/**
 * A number that is kept as it was sent. What JSON can write beyond these bounds has been rounded by the time that it is looked at; every
 * double out there is whole, so that they bound whole numbers alone.
 */
export function exactNumber(): Rule {
  const number = finiteNumber();
  const max = Number.MAX_SAFE_INTEGER;
  return {
    ...number,
    schema: { ...number.schema, minimum: -max, maximum: max },
    faults: (value) =>
      Number.isFinite(value) && Math.abs(value as number) > max
        ? fault('out_of_range', `must be exact, from -${max} to ${max}: write it as text`)
        : number.faults(value),
  };
}

export function flag(): Rule {
  return {
    ...asIs,
    schema: { type: 'boolean' },
    fromQuery: (value) => (value === 'true' ? true : value === 'false' ? false : value),
    faults: (value) => (typeof value === 'boolean' ? GOOD : wrongType(value, 'true or false')),
  };
}

export function nothing(): Rule {
  return { ...asIs, schema: { type: 'null' }, faults: (value) => (value === null ? GOOD : wrongType(value, 'null')) };
}

export function choice(values: readonly string[]): Rule {
  return {
    ...asIs,
    schema: { type: 'string', enum: values },
    faults(value) {
      if (values.includes(value as string)) return GOOD;
      return value === undefined ? wrongType(value, '') : fault('not_in_list', `must be one of ${values.join(', ')}`);
    },
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function identifier(): Rule {
  return {
    schema: { type: 'string', format: 'uuid' },
    fromQuery: same,
    normalize: (value) => (typeof value === 'string' ? value.toLowerCase() : value),
    faults: (value) =>
      typeof value !== 'string'
        ? wrongType(value, 'a UUID')
        : UUID.test(value)
          ? GOOD
          : fault('wrong_format', 'must be a UUID'),
  };
}

/** RFC 3339, within what PostgreSQL knows: years from 1 on, zones up to 15:59. A contract needs no year beyond 9999. */
const TIME = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-](0\d|1[0-5]):[0-5]\d)$/;

function isTime(value: string): boolean {
  const [, day] = TIME.exec(value) ?? [];
  if (day === undefined || day.startsWith('0000') || Number.isNaN(Date.parse(value))) return false;
  // Date takes February 30 for March 2.
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

export function moment(): Rule {
  return {
    ...asIs,
    schema: { type: 'string', format: 'date-time' },
    faults: (value) =>
      typeof value === 'string' && isTime(value)
        ? GOOD
        : value === undefined
          ? wrongType(value, '')
          : fault('wrong_format', 'must be a time like 2026-01-31T12:00:00.000Z'),
  };
}
