// Values that a schema of the OpenAPI document allows, and the same with one place of them replaced.
import type { OpenApiDocument } from '@app/http';

export interface SampleSchema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, SampleSchema>;
  additionalProperties?: SampleSchema | boolean;
  items?: SampleSchema;
  anyOf?: SampleSchema[];
  oneOf?: SampleSchema[];
  enum?: unknown[];
  examples?: unknown[];
  default?: unknown;
}

export class Samples {
  constructor(private readonly document: OpenApiDocument) {}

  /** The example, if there is one. */
  of(given: SampleSchema): unknown {
    const schema = this.formsOf(given)[0] ?? {};
    const { examples, enum: values, properties, items } = schema;
    if (examples) return examples[0];
    if (schema.default !== undefined) return schema.default;
    if (values) return values[0];
    if (properties)
      return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, this.of(property)]));
    if (items) return [this.of(items)];
    const { type } = schema;
    return type === 'boolean' ? true : type === 'integer' ? 1 : type === 'object' ? {} : 'text';
  }

  /** Every value in which one place, the whole included, is the given one; with the pointer to that place. */
  replacing(schema: SampleSchema, value: unknown): [pointer: string, sample: unknown][] {
    return [['', value], ...this.formsOf(schema).flatMap((form) => this.replacingIn(form, value))];
  }

  private replacingIn(schema: SampleSchema, value: unknown): [pointer: string, sample: unknown][] {
    const { properties, items, additionalProperties: rest } = schema;
    if (items) return this.replacing(items, value).map(([at, part]) => [`/0${at}`, [part]]);
    if (typeof rest === 'object')
      return [
        ...this.replacing(rest, value).map(([at, part]): [string, unknown] => [`/key${at}`, { key: part }]),
        ['/*', { [String(value)]: this.of(rest) }],
      ];
    const sample = properties ? (this.of(schema) as object) : {};
    return Object.entries(properties ?? {}).flatMap(([name, property]) =>
      this.replacing(property, value).map(([at, part]): [string, unknown] => [
        `/${name}${at}`,
        { ...sample, [name]: part },
      ]),
    );
  }

  /** The schemas that a schema stands for, one by one; not `null`. */
  private formsOf(schema: SampleSchema): SampleSchema[] {
    const { $ref, anyOf, oneOf, ...rest } = schema;
    if ($ref !== undefined) return this.formsOf(this.document.components.schemas?.[$ref.split('/').at(-1) ?? ''] ?? {});
    const forms = anyOf ?? oneOf;
    return forms
      ? forms.filter(({ type }) => type !== 'null').flatMap((form) => this.formsOf({ ...rest, ...form }))
      : [schema];
  }
}
