// The query and header parameters of an operation in the API document.
import { CONSISTENCY_TOKEN } from './consistency';
import { ENTITY_TAGS } from './etag';
import { EVENT_ID } from './event-stream';
import { fieldsOf } from './fields';
import { IDEMPOTENCY_KEY } from './idempotency';
import type { OperationConfig } from './operation';
import { MAX_REQUEST_TIMEOUT } from './patience';
import type { Schema } from './rules';

export interface OpenApiParameter {
  name: string;
  in: 'query' | 'path' | 'header';
  required?: boolean;
  schema: Schema;
  description?: string;
  explode?: boolean;
  [member: string]: unknown;
}

export function queryParameters(type: object | undefined): OpenApiParameter[] {
  return [...(type ? fieldsOf(type) : [])].map(([name, { schema, isRequired }]) => {
    const { description, 'x-commas': commas, examples, ...rest } = schema as Described;
    return {
      name,
      in: 'query' as const,
      required: isRequired,
      ...(description !== undefined && { description }),
      schema: rest,
      ...((rest as Schema)['type'] === 'array' && { explode: !commas }),
      // Swagger UI fills an example in; that helps where a value is required, and would filter where none is.
      ...(isRequired && examples && { example: examples[0] }),
    };
  });
}

interface Described {
  readonly description?: string;
  readonly 'x-commas'?: boolean;
  readonly examples?: readonly unknown[];
}

export function headerParameters(
  method: string,
  { isPublic, isUnstored, isIdempotent, isConditional, isResumable }: OperationConfig,
): OpenApiParameter[] {
  const header = (name: string, description: string, pattern?: RegExp) => ({
    name,
    in: 'header' as const,
    required: false,
    description,
    schema: { type: 'string', ...(pattern && { pattern: pattern.source }) },
  });
  return [
    ...(isPublic ? [header('If-None-Match', 'Entity tags that the caller has; 304 if one is current.')] : []),
    ...(method === 'get' && !isUnstored
      ? [
          header(
            'Consistency-Token',
            'Token of a write: this read does not miss it, whichever instance answers.',
            CONSISTENCY_TOKEN,
          ),
        ]
      : []),
    ...(isConditional ? [header('If-Match', 'Entity tag that must be current; 412 if it is not.', ENTITY_TAGS)] : []),
    ...(isConditional
      ? [
          header(
            'If-None-Match',
            'Entity tags of which none may be current, or `*`: there may be nothing yet; else 412.',
          ),
        ]
      : []),
    ...(isResumable ? [header('Last-Event-ID', 'The last event that the caller has seen.', EVENT_ID)] : []),
    ...(isIdempotent
      ? [
          header(
            'Idempotency-Key',
            'The caller’s name of this request: a repetition within 24 h gets the stored answer.',
            IDEMPOTENCY_KEY,
          ),
        ]
      : []),
    REQUEST_TIMEOUT,
  ];
}

const REQUEST_TIMEOUT: OpenApiParameter = {
  name: 'X-Request-Timeout',
  in: 'header',
  required: false,
  description:
    'Milliseconds for which the caller waits: after that 504, and nobody works on for it. A write that was about to be done may be ' +
    'done all the same: look, or send it again with its `Idempotency-Key`.',
  schema: { type: 'integer', minimum: 1, maximum: MAX_REQUEST_TIMEOUT },
};
