// Makes a request for each operation of the OpenAPI document from its examples, and lists the places where it says something.
import type { OpenApiDocument, OpenApiOperation } from '@app/http';

interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  enum?: unknown[];
  examples?: unknown[];
  default?: unknown;
  format?: string;
  minimum?: number;
  minLength?: number;
}

export interface SampleRequest {
  readonly operation: OpenApiOperation;
  readonly method: string;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly body?: unknown;
  /** The path with its values. */
  readonly url: string;
}

/** Where a request says something: a parameter by name, or a value inside the body by the way to it. */
export type Place =
  | { readonly in: 'path' | 'query' | 'headers'; readonly name: string }
  | { readonly in: 'body'; readonly way: readonly string[] };

export function sampleRequests(document: OpenApiDocument): SampleRequest[] {
  return Object.entries(document.paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, operation]) => sampleOf(document, template, method.toUpperCase(), operation)),
  );
}

function sampleOf(document: OpenApiDocument, template: string, method: string, operation: OpenApiOperation): SampleRequest {
  const { parameters = [], requestBody } = operation;
  const sample = new Sampler(document);
  const valuesIn = (place: string) =>
    Object.fromEntries(
      parameters
        .filter((one) => one.in === place)
        .map((one) => [one.name, String(one['example'] ?? sample.of(one.schema as Schema))]),
    );
  const path = valuesIn('path');
  const content = Object.entries((requestBody as { content?: Record<string, { schema: Schema }> } | undefined)?.content ?? {});
  const [type, media] = content[0] ?? [];
  return {
    operation,
    method,
    path,
    query: valuesIn('query'),
    headers: valuesIn('header'),
    ...(media && { type, body: sample.of(media.schema) }),
    url: urlOf(template, path),
  };
}
