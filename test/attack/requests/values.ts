// Values that a schema of the document allows: the ordinary, the longest and shortest, and every corner of Unicode.
import type { OpenApiDocument } from '@app/http';
import fc from 'fast-check';
import { known } from './placeholders';
import { resolved, type Schema } from './operations';

/** A good deal fewer than the schema allows, most of the time: a request of a mebibyte finds nothing that a short one would not. */
const FEW = 5;

const currencies = Intl.supportedValuesOf('currency');

/** The document says once that text may not have these: they can neither be stored nor sent. */
const isText = (value: string): boolean => !value.includes('\0') && value.isWellFormed();
const lengthOf = (value: string): number => [...value].length;

export class Values {
  constructor(
    private readonly document: OpenApiDocument,
    private readonly isValid: (schema: Schema, value: unknown) => boolean,
  ) {}

  /**
   * @param collection what ids are ids of
   * @param name of the field or parameter
   */
  of(given: Schema, collection: string, name = ''): fc.Arbitrary<unknown> {
    const schema = resolved(this.document, given);
    const seen = known(name, collection);
    const made = () => this.made(schema, collection, name);
    if (!seen) return made();
    if (schema['type'] === 'array') return fc.array(seen, { minLength: 1, maxLength: FEW });
    return name === 'cursor' ? seen : fc.oneof({ weight: 4, arbitrary: seen }, { weight: 1, arbitrary: made() });
  }

  private made(schema: Schema, collection: string, name: string): fc.Arbitrary<unknown> {
    const forms = (schema['anyOf'] ?? schema['oneOf']) as Schema[] | undefined;
    if (forms) return fc.oneof(...forms.map((form) => this.of(form, collection, name)));
    if (schema['enum']) return fc.constantFrom(...(schema['enum'] as unknown[]));
    const { type } = schema;
    if (Array.isArray(type))
      return fc.oneof(...type.map((one) => this.made({ ...schema, type: one as string }, collection, name)));
    switch (type) {
      case 'object':
        return this.object(schema, collection);
      case 'array':
        return this.list(schema, collection, name);
      case 'string':
        return textOf(schema);
      case 'integer':
        return wholeNumberOf(schema);
      case 'number':
        return numberOf(schema);
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      default:
        throw new Error(`There is no way yet to make values of ${JSON.stringify(schema)}.`);
    }
  }

  private object(schema: Schema, collection: string): fc.Arbitrary<unknown> {
    const { properties = {}, required = [], additionalProperties: rest, propertyNames } = schema;
    if (typeof rest === 'object') {
      const names = propertyNames as Schema;
      const keys = textOf(names).filter((key) => this.isValid(names, key));
      return fc.dictionary(keys, this.of(rest as Schema, collection), { maxKeys: FEW, noNullPrototype: true });
    }
    const fields = Object.entries(properties as Record<string, Schema>);
    const values = Object.fromEntries(fields.map(([name, one]) => [name, this.of(one, collection, name)]));
    const made = fc.record(values, { requiredKeys: required as string[], noNullPrototype: true });
    // What a schema says of several fields at once; what stands for a value is no value yet.
    const { if: condition, then, allOf } = schema;
    const joint = { ...(condition ? { if: condition, then } : {}), ...(allOf ? { allOf } : {}) } as Schema;
    return condition || allOf ? made.filter((value) => this.isValid(joint, value)) : made;
  }

  private list(schema: Schema, collection: string, name: string): fc.Arbitrary<unknown> {
    const { items, minItems = 0, maxItems } = schema as { items: Schema; minItems?: number; maxItems: number };
    const element = this.of(items, collection, name);
    const short = fc.array(element, { minLength: minItems, maxLength: Math.min(FEW, maxItems) });
    if (resolved(this.document, items)['type'] !== 'string') return short;
    const longest = element.map((one) => Array<unknown>(maxItems).fill(one));
    return fc.oneof({ weight: 20, arbitrary: short }, { weight: 1, arbitrary: longest });
  }
}

function textOf(schema: Schema): fc.Arbitrary<string> {
  const { minLength: min = 0, maxLength: max = 20, pattern, format } = schema as Record<string, never>;
  if (format === 'uuid') return fc.uuid();
  if (format === 'date-time')
    return fc
      .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
      .map((one) => one.toISOString());
  if (format === 'iso-4217') return fc.constantFrom(...currencies);
  const fits = (value: string) => isText(value) && lengthOf(value) >= min && lengthOf(value) <= max;
  if (format === 'uri') {
    const urls = fc.webUrl({ validSchemes: ['http', 'https'], withQueryParameters: true });
    return urls.filter((one) => fits(one) && new RegExp(pattern ?? '').test(one));
  }
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern), { size: 'xsmall' }).filter(fits);
  const edges = [
    'x'.repeat(min),
    'x'.repeat(max),
    '😀'.repeat(Math.min(max, 2_000)),
    '\u202eabc',
    "'; --",
    '%00%zz',
    '../..',
    '<b>',
  ];
  return fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: 'binary', minLength: min, maxLength: max }).filter(fits) },
    { weight: 4, arbitrary: fc.string({ minLength: min, maxLength: max }) },
    { weight: 1, arbitrary: fc.constantFrom(...edges.filter(fits)) },
  );
}

function numberOf({ minimum: min, maximum: max }: Schema): fc.Arbitrary<number> {
  const bounds = { ...(typeof min === 'number' && { min }), ...(typeof max === 'number' && { max }) };
  return fc.double({ noNaN: true, noDefaultInfinity: true, ...bounds });
}

function wholeNumberOf(schema: Schema): fc.Arbitrary<number> {
  const { minimum: min = 0, maximum: max = Number.MAX_SAFE_INTEGER } = schema as Record<string, never>;
  return fc.oneof(
    fc.integer({ min, max: Math.min(max, min + 1_000) }),
    fc.maxSafeInteger().map((one) => Math.min(max, Math.max(min, one))),
    fc.constantFrom(min, max),
  );
}
