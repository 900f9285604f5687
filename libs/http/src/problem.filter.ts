// Turns everything that is thrown into a problem document; the cause goes to the log, never to the client.
import { type DatabaseFailure, failureOf } from '@app/database';
import type { Telemetry } from '@app/telemetry';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem, problemForConstraint, type ProblemDefinition } from './problem';
import {
  bodyTooLarge,
  conflict,
  databaseBusy,
  databaseUnavailable,
  invalidBody,
  loginRequired,
  malformedRequest,
  methodNotAllowed,
  notAcceptable,
  notAllowed,
  notFound,
  requestTimeout,
  unexpected,
  unsupportedMediaType,
} from './problems';

/** What an error of the framework means that has nothing but a status. */
const GENERIC = [
  malformedRequest,
  loginRequired,
  notAllowed,
  notFound,
  methodNotAllowed,
  notAcceptable,
  requestTimeout,
  conflict,
  bodyTooLarge,
  unsupportedMediaType,
  invalidBody,
].map(({ definition }) => definition);

@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly telemetry: Telemetry) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = problemOf(error);
    const { status, code, retryAfterSeconds } = problem.definition;
    const asked = { requestId: request.id, method: request.method, route: request.routeOptions.url ?? 'unmatched' };
    if (problem.definition === unexpected.definition) this.telemetry.emit('http.failed', { ...asked, error });
    if (status === 403 && request.principal)
      this.telemetry.emit('access.refused', { ...asked, code, accountId: request.principal.id });
    if (reply.sent) return;
    // Fastify ends the connection of whoever sends a wrong body, and with it the answer; `linger.ts` gives that its time.
    void reply.removeHeader('connection');
    void reply
      .status(status)
      .headers({ ...(retryAfterSeconds && { 'retry-after': String(retryAfterSeconds) }), ...problem.extra.headers })
      .type('application/problem+json')
      .send(JSON.stringify(problem.toDocument(request.id)));
  }
}

/** The problem that an error means; every error means one. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const failure = failureOf(error);
  if (failure) return problemOfDatabase(failure, error);
  const status = error instanceof HttpException ? error.getStatus() : (error as { statusCode?: number }).statusCode;
  const definition = GENERIC.find((one) => one.status === status);
  if (definition) return new Problem(definition, `${definition.title}.`, { cause: error });
  return status !== undefined && status < 500
    ? new Problem(malformedRequest.definition, 'The request could not be read.', { cause: error })
    : new Problem(unexpected.definition, 'Something went wrong here; it has been logged under the request id.', {
        cause: error,
      });
}

function problemOfDatabase({ kind, sqlState, constraint }: DatabaseFailure, cause: unknown): Problem {
  if (kind === 'violation') {
    const definition = problemForConstraint(constraint);
    const detail = definition ? `${definition.title}.` : 'The change contradicts what is stored.';
    return new Problem(definition ?? conflict.definition, detail, { cause, ...(definition && errorAt(definition)) });
  }
  const isBusy = kind === 'busy' || kind === 'timeout' || kind === 'conflict';
  const { definition } = isBusy ? databaseBusy : databaseUnavailable;
  return new Problem(definition, `${definition.title}; try again${sqlState ? ` (SQLSTATE ${sqlState})` : ''}.`, {
    cause,
  });
}

const errorAt = ({ code, title, pointer }: ProblemDefinition) =>
  pointer === undefined
    ? {}
    : { errors: [{ code, detail: `${title.charAt(0).toLowerCase()}${title.slice(1)}`, pointer }] };
