// Makes requests from the examples of the OpenAPI document, with a value of one's choice in one place after the other.
import type { OpenApiDocument, OpenApiOperation, OpenApiParameter } from '@app/http';
import type { Ask } from './api';

interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  enum?: unknown[];
  examples?: unknown[];
  default?: unknown;
}

export interface SampleRequest extends Ask {
  readonly method: string;
  readonly url: string;
  /** The place that has the value: `query limit`, `body /item/price`. */
  readonly place: string;
}

/** One request for each place of the operation that can carry the value. */
export function requestsWith(document: OpenApiDocument, template: string, method: string, value: unknown): SampleRequest[] {
  const operation = document.paths[template]?.[method] as OpenApiOperation;
  const samples = new Samples(document);
  const { parameters = [] } = operation;
  const sampleOf = (one: OpenApiParameter) => String(one['example'] ?? samples.of(one.schema));
  const urlOf = (named?: string) =>
    template.replace(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(name === named ? String(value) : sampleOf(parameters.find((one) => one.name === name) as OpenApiParameter)),
    );
  const required = parameters.filter((one) => one.in === 'query' && one.required);
  const query = Object.fromEntries(required.map((one) => [one.name, sampleOf(one)]));
  const content = (operation['requestBody'] as { content?: Record<string, { schema: Schema }> } | undefined)?.content ?? {};
  const [[type, media] = [undefined, undefined]] = Object.entries(content);
  const bodyOf = (body: unknown): Ask =>
    type === undefined
      ? {}
      : { headers: { 'content-type': type }, body: type.endsWith('json') && !type.endsWith('ndjson') ? JSON.stringify(body) : type.endsWith('urlencoded') ? new URLSearchParams(body as Record<string, string>).toString() : String(body) };
  const plain = { method: method.toUpperCase(), url: urlOf(), query, ...bodyOf(media && samples.of(media.schema)) };
  const inParameters = typeof value !== 'string' ? [] : parameters.map((one): SampleRequest => {
    const place = `${one.in} ${one.name}`;
    if (one.in === 'path') return { ...plain, place, url: urlOf(one.name) };
    if (one.in === 'query') return { ...plain, place, query: { ...query, [one.name]: value } };
    return { ...plain, place, headers: { ...plain.headers, [one.name.toLowerCase()]: value } };
  });
  const inBody = media ? samples.with(media.schema, value).map(([way, body]) => ({ ...plain, place: `body ${way}`, ...bodyOf(body) })) : [];
  return [...inParameters, ...inBody];
}
