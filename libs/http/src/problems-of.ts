// Which problems an operation can answer with: those that it names, and those that follow from what it does.
import { limitOf } from './limits';
import type { DescribedOperation } from './operation';
import type { ProblemDefinition, Refusal } from './problem';
import * as known from './problems';

export function problemsOf(method: string, { config, body }: DescribedOperation): ProblemDefinition[] {
  const { demands, isIdempotent, isConditional, consumes, answers, refuses = [] } = config;
  const takesBody = body !== undefined || consumes !== undefined;
  const refusals: (Refusal | false)[] = [
    known.malformedRequest,
    known.invalidParameter,
    takesBody ? known.malformedBody : known.unexpectedBody,
    demands !== undefined && known.loginRequired,
    demands !== undefined && known.invalidToken,
    demands === 'login' && known.insufficientScope,
    (demands === 'session' || demands === 'admin') && known.sessionRequired,
    demands === 'admin' && known.notAllowed,
    answers !== undefined && known.notAcceptable,
    (takesBody || method === 'post') && known.requestTimeout,
    isIdempotent === true && known.requestInProgress,
    isConditional === true && known.preconditionFailed,
    takesBody && known.bodyTooLarge,
    takesBody && known.unsupportedMediaType,
    body !== undefined && known.invalidBody,
    isIdempotent === true && known.idempotencyMismatch,
    limitOf(config, method) !== undefined && known.tooManyRequests,
    known.unexpected,
    known.databaseUnavailable,
    known.databaseBusy,
    known.busy,
    known.draining,
    known.deadlineExceeded,
    ...refuses,
  ];
  const definitions = refusals.flatMap((one) => (one === false ? [] : [one.definition]));
  return [...new Set(definitions)].sort((a, b) => a.status - b.status);
}
