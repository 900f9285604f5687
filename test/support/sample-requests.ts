// Requests made of the examples of the OpenAPI document, with a value of one's choice in one place after the other.
import type { OpenApiDocument, OpenApiOperation } from '@app/http';
import type { Ask } from './api';
import { Samples, type SampleSchema } from './samples';

export interface SampleRequest extends Ask {
  readonly method: string;
  readonly url: string;
  /** Where the value is, for example `query limit` or `body /item/price`. */
  readonly place: string;
}

type Body = { content?: Record<string, { schema: SampleSchema }> };

/** All operations of the document, as path and method. */
export const operationsOf = ({ paths }: OpenApiDocument): [path: string, method: string][] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method): [string, string] => [path, method]),
  );

/** One request for each place of the operation that can carry the value. */
export function requestsWith(document: OpenApiDocument, path: string, method: string, value: unknown): SampleRequest[] {
  const { parameters = [], requestBody } = document.paths[path]?.[method] as OpenApiOperation;
  const samples = new Samples(document);
  const samplesIn = (where: string) =>
    parameters
      .filter((one) => one.in === where && one.required)
      .map((one): [string, string] => [one.name, String(one['example'] ?? samples.of(one.schema))]);
  const urlWith = (values: Record<string, string>) =>
    path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent((values[name] ?? '').toWellFormed()));
  const inPath = Object.fromEntries(samplesIn('path'));
  const query = Object.fromEntries(samplesIn('query'));
  const [type, schema] = bodyOf(requestBody);
  const send = (sample: unknown): Ask =>
    type === undefined ? {} : { headers: { 'content-type': type }, body: encoded(type, sample) };
  const plain = { method: method.toUpperCase(), url: urlWith(inPath), query, ...send(schema && samples.of(schema)) };

  const inParameters = parameters.map(({ in: where, name }): SampleRequest => {
    const text = String(value);
    const place = `${where} ${name}`;
    if (where === 'path') return { ...plain, place, url: urlWith({ ...inPath, [name]: text }) };
    if (where === 'query') return { ...plain, place, query: { ...query, [name]: text } };
    return { ...plain, place, headers: { ...plain.headers, [name.toLowerCase()]: text } };
  });
  const inBody = schema ? samples.replacing(schema, value) : [];
  return [...inParameters, ...inBody.map(([at, sample]) => ({ ...plain, place: `body ${at}`, ...send(sample) }))];
}

function bodyOf(body?: Body): [type?: string, schema?: SampleSchema] {
  const [[type, media] = []] = Object.entries(body?.content ?? {});
  return type === undefined ? [] : [type, media?.schema];
}

function encoded(type: string, sample: unknown): string {
  if (type.endsWith('urlencoded') && typeof sample === 'object' && !Array.isArray(sample))
    return new URLSearchParams(sample as Record<string, string>).toString();
  return type.endsWith('/json') || type.endsWith('+json') ? JSON.stringify(sample) : String(sample);
}
