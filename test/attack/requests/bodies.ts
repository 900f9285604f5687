// Bodies as bytes: JSON, forms, and files of items; valid, with one thing wrong, or broken.
import type { OpenApiDocument } from '@app/http';
import fc from 'fast-check';
import { spoilt } from './mistakes';
import { type Operation, resolved, type Schema } from './operations';
import { withRawJson } from './placeholders';
import type { Values } from './values';

export interface Body {
  readonly type: string;
  /** With placeholders in it. */
  readonly text: string;
  /** What is done to the bytes at last. */
  readonly damage?: Damage;
}

export interface Damage {
  readonly kind: 'cut' | 'flip' | 'insert';
  readonly at: number;
  readonly byte: number;
}

/** What a line of a file is, which a schema of a stream cannot tell. */
const LINE: Schema = { $ref: '#/components/schemas/NewItem' };
const CSV_COLUMNS = ['sku', 'name', 'description', 'price', 'currency', 'stock', 'tags', 'attributes'] as const;

const isJson = (type: string): boolean => /[/+]json$/.test(type);

/** A body that the document allows, of any media type that the operation reads. */
export function validBody(values: Values, { bodies, collection }: Operation): fc.Arbitrary<Body> {
  return fc.oneof(...bodies.map(([type, schema]) => written(type, schema, (one) => values.of(one, collection))));
}

/** One with one thing wrong in it, or with broken bytes. */
export function wrongBody(document: OpenApiDocument, values: Values, operation: Operation): fc.Arbitrary<Body> {
  const wrong = (schema: Schema) => spoilt(document, schema, values.of(schema, operation.collection));
  const ofType = ([type, schema]: readonly [string, Schema]) =>
    fc.oneof(
      { weight: 6, arbitrary: written(type, schema, wrong) },
      {
        weight: 1,
        arbitrary: fc.tuple(validBody(values, operation), damage).map(([body, one]) => ({ ...body, damage: one })),
      },
      {
        weight: 1,
        arbitrary: fc.tuple(validBody(values, operation), otherType).map(([body, other]) => ({ ...body, type: other })),
      },
    );
  return fc.oneof(...operation.bodies.map(ofType));
}

const otherType = fc.constantFrom(
  ...[
    'text/plain',
    '',
    'application/json; charset=utf-16',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'APPLICATION/JSON',
    ';;',
    'application/json, text/csv',
  ],
);

const damage: fc.Arbitrary<Damage> = fc.record({
  kind: fc.constantFrom('cut', 'flip', 'insert'),
  at: fc.nat(1_000),
  byte: fc.oneof(fc.constantFrom(0, 0x22, 0x5c, 0x7b, 0xc3, 0xff, 0xed), fc.nat(255)),
});

function written(type: string, schema: Schema, make: (schema: Schema) => fc.Arbitrary<unknown>): fc.Arbitrary<Body> {
  if (isJson(type)) return make(schema).map((value) => ({ type, text: jsonOf(value) }));
  if (type.endsWith('urlencoded')) return make(schema).map((value) => ({ type, text: formOf(value) }));
  const lines = fc.array(make(LINE), { minLength: 1, maxLength: 4 });
  if (type.endsWith('ndjson'))
    return lines.map((all) => ({ type, text: all.map((one) => `${jsonOf(one)}\n`).join('') }));
  return lines.map((all) => ({ type, text: [CSV_COLUMNS.join(','), ...all.map(csvOf)].join('\r\n') }));
}

const jsonOf = (value: unknown): string => withRawJson(JSON.stringify(value) ?? '');

/** Placeholders have no character that a form would write otherwise but their marks, and those are filled in encoded. */
const formOf = (value: unknown): string =>
  Object.entries(Object(value) as object)
    .map(([name, one]) => `${escaped(name)}=${escaped(String(one))}`)
    .join('&');

/** Like `encodeURIComponent`, but leaves placeholders to be found, and takes any text. */
export const escaped = (text: string): string =>
  text
    .split(/(‹[\w.-]+ \d+›)/)
    .map((part) => (/^‹.*›$/.test(part) ? part : encodeURIComponent(part.toWellFormed())))
    .join('');

function csvOf(item: unknown): string {
  const fields = Object(item) as Record<string, unknown>;
  const cell = (value: unknown) => (value == null ? '' : typeof value === 'string' ? value : JSON.stringify(value));
  return CSV_COLUMNS.map((name) => `"${cell(fields[name]).replaceAll('"', '""')}"`).join(',');
}

export function bytesOf({ damage: one }: Body, text: string): Buffer {
  const bytes = Buffer.from(text);
  if (!one) return bytes;
  const at = one.at % (bytes.length + 1);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  if (one.kind === 'cut') return before;
  return Buffer.concat([before, Buffer.from([one.byte]), one.kind === 'flip' ? after.subarray(1) : after]);
}

/** The JSON value that these bytes are, by the letter of RFC 8259; undefined: none. */
export function jsonIn(bytes: Buffer): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) as unknown };
  } catch {
    return undefined;
  }
}

/** Whether a body of this operation is JSON, and then of which schema. */
export const jsonSchemaOf = (document: OpenApiDocument, { bodies }: Operation): Schema | undefined => {
  const [, schema] = bodies.find(([type]) => isJson(type)) ?? [];
  return schema && resolved(document, schema);
};
