// A valid value with one thing wrong: what callers get wrong by accident, and what attackers do on purpose.
import fc from 'fast-check';
import type { OpenApiDocument } from '@app/http';
import { rawJson } from './placeholders';
import { resolved, type Schema } from './operations';

type Path = readonly (string | number)[];

/** In place of any value. */
const ODD: readonly unknown[] = [
  ...[null, true, false, '', 0, -1, 1.5, [], {}, [[]], { a: 1 }, 'text', '0', 'null', '[object Object]'],
  ...['1e400', '-1e400', '-0', '1.0', '1e2', '1E-400', '9007199254740993', '123456789012345678901234567890'].map(
    rawJson,
  ),
  ...['01', 'NaN', 'Infinity', 'undefined', '"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"\\x"', '"a\nb"'].map(
    rawJson,
  ),
  ...['{"__proto__":{"isAdmin":true}}', '{"constructor":{"prototype":{"isAdmin":true}}}', '{"a":1,"a":2}'].map(rawJson),
  ...[
    '\u202eabc\u2066',
    '𝔘𝔫𝔦',
    '👨‍👩‍👧‍👦',
    '\ufeff',
    '\u0000',
    '\ud83d',
    "' OR 1=1 --",
    '${7*7}',
    '../../etc/passwd',
    '%00',
    '\r\nX-Injected: 1',
  ],
  'x'.repeat(20_000),
  '[['.repeat(40),
  Array.from({ length: 1_001 }, (_, index) => index),
];

/** As a further member of an object. */
const STRANGERS = [
  'role',
  'ownerId',
  'version',
  'id',
  'isAdmin',
  'constructor',
  'toString',
  'a/b~c',
  '',
  '\u202e',
  '__proto__',
];

/** One step past what the schema allows. */
function edgesOf(schema: Schema): unknown[] {
  const { minLength, maxLength, minimum, maximum, maxItems } = schema as Record<string, number | undefined>;
  return [
    ...(maxLength === undefined ? [] : ['x'.repeat(maxLength + 1), '😀'.repeat(maxLength + 1), 'x'.repeat(maxLength)]),
    ...(minLength === undefined ? [] : ['x'.repeat(minLength - 1), ' '.repeat(minLength)]),
    ...(minimum === undefined ? [] : [minimum - 1, minimum, String(minimum), minimum + 0.5]),
    ...(maximum === undefined ? [] : [maximum + 1, maximum]),
    ...(maxItems === undefined ? [] : [Array.from({ length: maxItems + 1 }, () => 'x')]),
    ...((schema['enum'] as unknown[] | undefined) ?? []).flatMap((one) =>
      typeof one === 'string' ? [one.toUpperCase(), `${one} `] : [],
    ),
    ...(schema['format'] === 'uuid'
      ? ['not-a-uuid', '00000000-0000-0000-0000-00000000000g', '01941F29-7C00-7A3B-9C4D-000000000000']
      : []),
    ...(schema['format'] === 'date-time'
      ? ['2026-02-30T00:00:00Z', '0000-01-01T00:00:00Z', '2026-01-01', '+275760-09-13T00:00:00.000Z']
      : []),
  ];
}

/** Every place within a value, with the schema that it follows as far as that can be told. */
function placesIn(document: OpenApiDocument, given: Schema, value: unknown, path: Path = []): [Path, Schema][] {
  const schema = resolved(document, given);
  const forms = (schema['anyOf'] ?? schema['oneOf'] ?? [schema]) as Schema[];
  const parts = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const partSchema = (name: string): Schema => {
    for (const form of forms.map((one) => resolved(document, one))) {
      const { properties, items, additionalProperties } = form as Record<string, Schema | undefined>;
      const found = (properties?.[name] ?? items ?? additionalProperties) as Schema | undefined;
      if (typeof found === 'object') return found;
    }
    return {};
  };
  const inParts = parts.slice(0, 20).flatMap(([name, part]) => {
    const key = Array.isArray(value) ? Number(name) : name;
    return placesIn(document, partSchema(name), part, [...path, key]);
  });
  return [[path, schema], ...inParts];
}

function replaced(value: unknown, [key, ...rest]: Path, part: unknown): unknown {
  if (key === undefined) return part;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
    string | number,
    unknown
  >;
  copy[key] = replaced(copy[key], rest, part);
  return copy;
}

const at = (value: unknown, path: Path): unknown =>
  path.reduce((part, key) => (part as Record<string | number, unknown>)[key], value);

/** The same value with one place replaced, left out, or given a stranger beside it. */
export function spoilt(
  document: OpenApiDocument,
  schema: Schema,
  values: fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  return fc.tuple(values, fc.nat(1_000), fc.nat(1_000), fc.nat(9)).map(([value, where, what, how]) => {
    const places = placesIn(document, schema, value);
    const [path, found] = places[where % places.length] as [Path, Schema];
    const there = at(value, path);
    if (how < 2 && path.length > 0) return replaced(value, path, undefined);
    if (how < 4 && typeof there === 'object' && there !== null && !Array.isArray(there)) {
      const name = STRANGERS[what % STRANGERS.length] as string;
      return replaced(value, path, { ...there, [name === '__proto__' ? rawJson('"__proto__"') : name]: 'x' });
    }
    const edges = edgesOf(found);
    const choices = how < 7 && edges.length > 0 ? edges : ODD;
    return replaced(value, path, choices[what % choices.length]);
  });
}

/** Text where a parameter or header has a value. */
export const oddText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      ' ',
      '0',
      '-1',
      '1e9',
      '999999999999999999999',
      '1.5',
      'NaN',
      'true',
      'null',
      'undefined',
      '[]',
      '{}',
      ',',
      ',,',
      '*',
      '""',
      'W/"a"',
    ],
  ),
  fc.constantFrom(
    ...[
      "'; DROP TABLE items; --",
      '../..',
      '.',
      '..',
      '%',
      '\u0000',
      '\u202e',
      '😀',
      '__proto__',
      'constructor',
      'é',
      'x'.repeat(3_000),
    ],
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
);
