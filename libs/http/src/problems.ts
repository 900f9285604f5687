// The problems that any route can answer with; features define theirs beside their rules.
import { defineProblem, type InputError, type Refusal } from './problem';

export const malformedRequest: Refusal = defineProblem({
  status: 400,
  code: 'malformed_request',
  title: 'The request is not well-formed HTTP',
});
export const malformedBody: Refusal = defineProblem({
  status: 400,
  code: 'malformed_body',
  title: 'The body is not well-formed',
});
export const unexpectedBody: Refusal = defineProblem({
  status: 400,
  code: 'unexpected_body',
  title: 'Nothing here reads a body',
});
export const invalidParameter: Refusal = defineProblem({
  status: 400,
  code: 'invalid_parameter',
  title: 'A parameter is unknown or has an invalid value',
});
export const loginRequired: Refusal = defineProblem({
  status: 401,
  code: 'login_required',
  title: 'This needs a login',
});
export const invalidToken: Refusal = defineProblem({
  status: 401,
  code: 'invalid_token',
  title: 'The access token is not valid',
});
export const notAllowed: Refusal = defineProblem({
  status: 403,
  code: 'not_allowed',
  title: 'The caller may not do this',
});
export const sessionRequired: Refusal = defineProblem({
  status: 403,
  code: 'session_required',
  title: 'Only who has logged in may do this; a key may not',
});
export const insufficientScope: Refusal = defineProblem({
  status: 403,
  code: 'insufficient_scope',
  title: 'The key lacks the scope that this needs',
});
export const notFound: Refusal = defineProblem({ status: 404, code: 'not_found', title: 'There is nothing here' });
export const methodNotAllowed: Refusal = defineProblem({
  status: 405,
  code: 'method_not_allowed',
  title: 'The resource does not know this method',
});
export const notAcceptable: Refusal = defineProblem({
  status: 406,
  code: 'not_acceptable',
  title: 'The answer has none of the accepted media types',
});
export const requestTimeout: Refusal = defineProblem({
  status: 408,
  code: 'request_timeout',
  title: 'The request did not arrive in time',
});
export const requestInProgress: Refusal = defineProblem({
  status: 409,
  code: 'request_in_progress',
  title: 'A request with this Idempotency-Key is being carried out',
});
export const conflict: Refusal = defineProblem({
  status: 409,
  code: 'conflict',
  title: 'The change contradicts the stored state',
});
export const preconditionFailed: Refusal = defineProblem({
  status: 412,
  code: 'precondition_failed',
  title: 'The resource has changed since it was read',
});
export const bodyTooLarge: Refusal = defineProblem({
  status: 413,
  code: 'body_too_large',
  title: 'The body is too large',
});
export const uriTooLong: Refusal = defineProblem({ status: 414, code: 'uri_too_long', title: 'The URL is too long' });
export const unsupportedMediaType: Refusal = defineProblem({
  status: 415,
  code: 'unsupported_media_type',
  title: 'The body has a media type that is not read here',
});
export const expectationFailed: Refusal = defineProblem({
  status: 417,
  code: 'expectation_failed',
  title: 'The request expects what cannot be done here',
});
export const invalidBody: Refusal = defineProblem({
  status: 422,
  code: 'invalid_body',
  title: 'The body is well-formed but wrong',
});
export const idempotencyMismatch: Refusal = defineProblem({
  status: 422,
  code: 'idempotency_key_reused',
  title: 'The Idempotency-Key was used with another request',
});
export const tooManyRequests: Refusal = defineProblem({
  status: 429,
  code: 'too_many_requests',
  title: 'The caller has asked for this too often',
});
export const headersTooLarge: Refusal = defineProblem({
  status: 431,
  code: 'headers_too_large',
  title: 'The header fields are too large',
});
export const unexpected: Refusal = defineProblem({ status: 500, code: 'internal_error', title: 'The service failed' });
export const databaseUnavailable: Refusal = defineProblem({
  status: 503,
  code: 'database_unavailable',
  title: 'The database cannot be reached',
  retryAfterSeconds: 1,
});
export const databaseBusy: Refusal = defineProblem({
  status: 503,
  code: 'database_busy',
  title: 'The database is too busy to answer in time',
  retryAfterSeconds: 1,
});
export const busy: Refusal = defineProblem({
  status: 503,
  code: 'busy',
  title: 'Too much of this is going on',
  retryAfterSeconds: 1,
});
export const deadlineExceeded: Refusal = defineProblem({
  status: 504,
  code: 'deadline_exceeded',
  title: 'The caller’s time was over before there was an answer',
});
export const draining: Refusal = defineProblem({
  status: 503,
  code: 'draining',
  title: 'This instance is shutting down',
  retryAfterSeconds: 1,
});

/** What a problem names at most; a hostile body may be wrong in a hundred thousand places. */
const MAX_ERRORS = 100;
const MAX_SUMMARY = 10;
const MAX_NAME = 1_000;

/** Refuses a well-formed body, all errors at once. */
export function refuseBody(errors: readonly InputError[]): never {
  return invalidBody(summary(errors), { errors: bounded(errors) });
}

/** Refuses query, path or header parameters, all errors at once. */
export function refuseParameters(errors: readonly InputError[]): never {
  return invalidParameter(summary(errors), { errors: bounded(errors) });
}

const cut = (name: string): string => (name.length > MAX_NAME ? `${name.slice(0, MAX_NAME - 1)}…` : name);

const bounded = (errors: readonly InputError[]): InputError[] =>
  errors.slice(0, MAX_ERRORS).map(({ pointer, parameter, ...error }) => ({
    ...error,
    ...(pointer !== undefined && { pointer: cut(pointer) }),
    ...(parameter !== undefined && { parameter: cut(parameter) }),
  }));

function summary(errors: readonly InputError[]): string {
  const told = bounded(errors.slice(0, MAX_SUMMARY)).map(({ pointer, parameter, detail }) =>
    `${(parameter ?? pointer) || 'The body'} ${detail}`.slice(0, MAX_NAME / 2),
  );
  const more = errors.length > MAX_SUMMARY ? `; and ${errors.length - MAX_SUMMARY} more` : '';
  return `${told.join('; ')}${more}.`;
}
