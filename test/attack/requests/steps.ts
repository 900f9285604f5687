// One request of a sequence, as it is generated: everything that can be known before the sequence runs.
import fc from 'fast-check';
import type { OpenApiDocument } from '../../../libs/http/src/openapi';
import type { OpenApiParameter } from '../../../libs/http/src/openapi-parameters';
import { type Body, escaped } from './bodies';
import { badDraft, goodDraft } from './drafts';
import { type Operation, operationsOf } from './operations';
import type { Values } from './values';

export const CALLERS = ['anonymous', 'user', 'other', 'admin', 'forged'] as const;
export type Caller = (typeof CALLERS)[number];

export interface Step {
  /** By id; undefined for a request that the document does not describe. */
  readonly operation?: string;
  readonly caller: Caller;
  readonly method: string;
  /** Path and query, encoded, with placeholders. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Body;
  /** All that the document says about the request is true. */
  readonly isValid: boolean;
}

const caller = fc.oneof(
  ...(
    [
      ['user', 9],
      ['other', 4],
      ['admin', 5],
      ['anonymous', 3],
      ['forged', 1],
    ] as const
  ).map(([one, weight]) => ({
    weight,
    arbitrary: fc.constant<Caller>(one),
  })),
);

export function steps(document: OpenApiDocument, values: Values): fc.Arbitrary<Step> {
  const operations = operationsOf(document);
  return fc.oneof(...operations.map((one) => ({ weight: one.weight, arbitrary: stepOf(document, values, one) })), {
    weight: 2,
    arbitrary: strays(operations),
  });
}

function stepOf(document: OpenApiDocument, values: Values, operation: Operation): fc.Arbitrary<Step> {
  const good = goodDraft(values, operation);
  const draft = fc.oneof(
    { weight: 2, arbitrary: good },
    { weight: 3, arbitrary: badDraft(document, values, operation, good) },
  );
  return fc.tuple(caller, draft).map(([who, { path, query, extra, ...rest }]) => {
    const pairs = operation.parameters.flatMap((one) => pairsOf(one, query[one.name]));
    const text = [...pairs, ...(extra === undefined ? [] : [extra])].join('&');
    const filledPath = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => escaped(path[name] ?? ''));
    return {
      ...rest,
      operation: Object.values(path).includes('') ? undefined : operation.id,
      caller: who,
      url: text === '' ? filledPath : `${filledPath}?${text}`,
    };
  });
}

function pairsOf({ name, explode }: OpenApiParameter, values: string[] | undefined): string[] {
  if (values === undefined) return [];
  const texts = explode === false ? [values.map(escaped).join(',')] : values.map(escaped);
  return texts.map((one) => `${name}=${one}`);
}

/** Paths and methods that nobody offers. */
function strays(operations: readonly Operation[]): fc.Arbitrary<Step> {
  const paths = [
    ...new Set(operations.map(({ path }) => path.replaceAll(/\{\w+\}/g, 'x'))),
    '/',
    '/v1',
    '/v1/items/',
    '//',
    '/v1/items//x',
    '/v1/none',
  ];
  const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE');
  return fc.tuple(caller, method, fc.constantFrom(...paths)).map(([who, how, url]) => ({
    caller: who,
    method: how,
    url,
    headers: {},
    isValid: false,
  }));
}
