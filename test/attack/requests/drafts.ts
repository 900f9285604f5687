// What goes into a request of an operation: all of it as the document allows, or with one thing wrong.
import fc from 'fast-check';
import type { OpenApiDocument } from '../../../libs/http/src/openapi';
import type { OpenApiParameter } from '../../../libs/http/src/openapi-parameters';
import { type Body, validBody, wrongBody } from './bodies';
import { oddText } from './mistakes';
import type { Operation } from './operations';
import type { Values } from './values';

type Texts = Record<string, string[]>;

/** Texts are not encoded yet, and have placeholders in them. */
export interface Draft {
  readonly method: string;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Texts;
  /** Goes at the end of the query as it is. */
  readonly extra?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Body;
  /** All that the document says about the request is true. */
  readonly isValid: boolean;
}

/** At a time, or nothing is ever found, or comes after its deadline and has no version that was asked for. */
const MOST_FILTERS = 3;
const MOST_HEADERS = 2;

export function goodDraft(values: Values, operation: Operation): fc.Arbitrary<Draft> {
  const { parameters, bodies, isBodyOptional } = operation;
  const texts = (one: OpenApiParameter) =>
    values.of(one.schema, operation.collection, one.name).map((value) => [value].flat().map((part) => String(part)));
  const all = (where: string) => {
    const own = parameters.filter((one) => one.in === where);
    const required = own.filter((one) => one.required).map((one) => one.name);
    const most = where === 'header' ? MOST_HEADERS : MOST_FILTERS;
    const optional = fc.subarray(
      own.map((one) => one.name),
      { maxLength: Math.min(most, own.length) },
    );
    const record = fc.record<Texts>(Object.fromEntries(own.map((one) => [one.name, texts(one)])));
    return fc
      .tuple(record, optional)
      .map(([found, names]) =>
        Object.fromEntries(Object.entries(found).filter(([name]) => required.includes(name) || names.includes(name))),
      );
  };
  const accept = fc.constantFrom(undefined, '*/*', ...operation.produces, 'application/*;q=0.5, */*;q=0.1');
  const encoding = fc.constantFrom(undefined, undefined, 'gzip', 'br', 'identity', 'gzip;q=0.5, br', '*');
  const made = bodies.length === 0 ? fc.constant(undefined) : validBody(values, operation);
  const body = isBodyOptional ? fc.option(made, { nil: undefined }) : made;
  const isHead = operation.method === 'GET' ? fc.nat(9).map((one) => one === 0) : fc.constant(false);
  return fc
    .tuple(all('path'), all('query'), all('header'), accept, encoding, body, isHead)
    .map(([path, query, header, accepted, encoded, sent, head]): Draft => ({
      method: head ? 'HEAD' : operation.method,
      path: firsts(path),
      query,
      headers: {
        ...firsts(header),
        ...(accepted !== undefined && { accept: accepted }),
        ...(encoded !== undefined && { 'accept-encoding': encoded }),
      },
      body: sent,
      isValid: true,
    }));
}

const firsts = (texts: Texts): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([name, [first = '']]) => [name, first]));

export function badDraft(
  document: OpenApiDocument,
  values: Values,
  operation: Operation,
  good: fc.Arbitrary<Draft>,
): fc.Arbitrary<Draft> {
  const named = (where: string) => operation.parameters.filter((one) => one.in === where).map((one) => one.name);
  const [paths, queries] = [named('path'), named('query')];
  const headers = [
    ...named('header'),
    'Accept',
    'Accept-Encoding',
    'Consistency-Token',
    'If-None-Match',
    'Range',
    'Origin',
  ];
  const changed = (names: readonly string[], change: (draft: Draft, name: string, text: string) => Partial<Draft>) =>
    fc
      .tuple(good, fc.constantFrom(...names), oddText)
      .map(([draft, name, text]): Draft => ({ ...draft, ...change(draft, name, text), isValid: false }));
  const unknown = fc.tuple(
    good,
    fc.constantFrom('x=1', '__proto__=1', 'limit[]=1', 'a[b]=1', '%00=1', '=1', '&&', 'q=%zz', 'x=%ff'),
  );
  const choices: { weight: number; arbitrary: fc.Arbitrary<Draft> }[] = [
    { weight: 1, arbitrary: unknown.map(([draft, extra]) => ({ ...draft, extra, isValid: false })) },
    {
      weight: 2,
      arbitrary: changed(headers, (draft, name, text) => ({
        headers: { ...draft.headers, [name.toLowerCase()]: text },
      })),
    },
  ];
  if (paths.length > 0)
    choices.push({
      weight: 2,
      arbitrary: changed(paths, (draft, name, text) => ({ path: { ...draft.path, [name]: text } })),
    });
  if (queries.length > 0)
    choices.push({
      weight: 4,
      arbitrary: changed(queries, (draft, name, text) => ({
        query: { ...draft.query, [name]: [...(draft.query[name] ?? []), text] },
      })),
    });
  if (operation.bodies.length > 0)
    choices.push({
      weight: 8,
      arbitrary: fc
        .tuple(good, wrongBody(document, values, operation))
        .map(([draft, body]) => ({ ...draft, body, isValid: false })),
    });
  return fc.oneof(...choices);
}
