// One decorator a field: what it says is both enforced on the way in and documented, so that the contract can't lie.
import type { Type } from '@nestjs/common';
import { GOOD, type Rule, type Schema } from './rules';

export interface Presence {
  /** The field may be left out. */
  optional?: boolean;
  /** The field may be null. */
  nullable?: boolean;
  /** What a field that is left out counts as; implies `optional`. */
  default?: unknown;
  description?: string;
  example?: unknown;
}

export interface FieldRule extends Rule {
  readonly isRequired: boolean;
  readonly default: unknown;
}

type Fields = ReadonlyMap<string, FieldRule>;
const declared = new WeakMap<object, Map<string, FieldRule>>();
const complete = new WeakMap<object, Fields>();
const classes = new Map<string, object>();

/** The fields of a class that were declared with `@Field`, its ancestors' included. */
export function fieldsOf(type: object): Fields {
  const known = complete.get(type);
  if (known) return known;
  const parent = Object.getPrototypeOf(type) as object | null;
  const fields: Fields = new Map([...(parent ? fieldsOf(parent) : []), ...(declared.get(type) ?? [])]);
  complete.set(type, fields);
  return fields;
}

/** The class with fields that has this name in the API document. */
export const classNamed = (name: string): object | undefined => classes.get(name);

const joined = new WeakMap<object, readonly string[]>();

/** A class decorator: these fields come together or not at all, and null counts as not at all. A class made by `partialOf` lacks it. */
export function Together(...names: readonly string[]): ClassDecorator {
  return (type) => void joined.set(type, names);
}

/** The fields of a class, or of an ancestor, that come together; none unless it was said. */
export function togetherIn(type: object): readonly string[] {
  const parent = Object.getPrototypeOf(type) as object | null;
  return joined.get(type) ?? (parent ? togetherIn(parent) : []);
}

/** If one of them has a value, all have. */
function togetherSchema(names: readonly string[]): Schema {
  const present = names.map((name) => ({ required: [name], properties: { [name]: { not: { type: 'null' } } } }));
  return names.length === 0 ? {} : { if: { anyOf: present }, then: { allOf: present } };
}

const chosen = new WeakMap<object, Schema>();

/**
 * A class decorator for the API document alone: the value of one field decides which of the others belong to it, as in the class
 * that stands for that value. Whoever reads the input examines that class.
 */
export function ChosenBy(name: string, types: Readonly<Record<string, object>>): ClassDecorator {
  return (type) => {
    const then = (form: object): Schema => {
      const own = fieldsOf(form);
      return {
        required: [...own].filter(([, { isRequired }]) => isRequired).map(([field]) => field),
        properties: Object.fromEntries([...fieldsOf(type).keys()].map((field) => [field, own.has(field)])),
      };
    };
    chosen.set(type, {
      allOf: Object.entries(types).map(([value, form]) => ({
        if: { properties: { [name]: { const: value } } },
        then: then(form),
      })),
    });
  };
}

/** A class as JSON Schema: closed, so that an undocumented field is as wrong as a missing one. */
export function schemaOf(type: object): Schema {
  const fields = [...fieldsOf(type)];
  const required = fields.filter(([, { isRequired }]) => isRequired).map(([name]) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(([name, { schema }]) => [name, withoutDefault(schema)])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
    ...togetherSchema(togetherIn(type)),
    ...chosen.get(type),
  };
}

/** Client generators take a field with a `default` for one that is always there; so the default of a body's field is told in words. */
function withoutDefault({ default: value, ...schema }: Schema): Schema {
  if (value === undefined) return schema;
  const words = [schema['description'] as string | undefined, `Default: \`${JSON.stringify(value)}\`.`];
  return { ...schema, description: words.filter((one) => one !== undefined).join(' ') };
}

/** A property decorator made of a rule: what comes in is checked against it, and the API document states it. */
export function Field(rule: Rule, presence: Presence = {}): PropertyDecorator {
  const { optional = presence.default !== undefined, nullable = false, description, example } = presence;
  const field: FieldRule = {
    schema: {
      ...(nullable ? nullableSchema(rule.schema) : rule.schema),
      ...(presence.default !== undefined && { default: presence.default }),
      ...(description !== undefined && { description }),
      ...(example !== undefined && { examples: [example] }),
    },
    isRequired: !optional,
    default: presence.default,
    fromQuery: (value) => rule.fromQuery(value),
    normalize: (value) => (value === undefined || value === null ? value : rule.normalize(value)),
    faults: (value) => ((optional && value === undefined) || (nullable && value === null) ? GOOD : rule.faults(value)),
  };
  return (target, name) => {
    const fields = declared.get(target.constructor) ?? new Map<string, FieldRule>();
    declared.set(target.constructor, fields.set(String(name), field));
  };
}

/** A class with the same fields, each of which may be left out; extend it to give it a name. */
export function partialOf<T extends object>(type: Type<T>): Type<Partial<T>> {
  class Partial {}
  const optional = ([name, field]: [string, FieldRule]): [string, FieldRule] => {
    const { default: _, ...schema } = field.schema;
    const faults = (value: unknown) => (value === undefined ? GOOD : field.faults(value));
    return [name, { ...field, schema, faults, isRequired: false, default: undefined }];
  };
  declared.set(Partial, new Map([...fieldsOf(type)].map(optional)));
  return Partial;
}

/** Names a class in the API document; its own name unless given. */
export function nameClass(type: object & { name: string }, name = type.name): void {
  const other = classes.get(name);
  if (other !== undefined && other !== type) throw new Error(`Two classes of the API document are called ${name}.`);
  // V8 gives up optimizing whatever makes instances of a class whose name was set, even to what it was: five times as slow.
  if (type.name !== name) Object.defineProperty(type, 'name', { value: name });
  classes.set(name, type);
}

/** OpenAPI 3.1 is JSON Schema 2020-12, which has no `nullable`. */
function nullableSchema(schema: Schema): Schema {
  if (schema['$ref'] !== undefined) return { anyOf: [schema, { type: 'null' }] };
  if (Array.isArray(schema['anyOf']))
    return { ...schema, anyOf: [...(schema['anyOf'] as unknown[]), { type: 'null' }] };
  const values = schema['enum'] as unknown[] | undefined;
  return { ...schema, type: [schema['type'], 'null'], ...(values && { enum: [...values, null] }) };
}
