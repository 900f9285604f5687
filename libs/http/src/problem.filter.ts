// Turns everything that is thrown into a problem document; the cause goes to the log, never to the client.
import { type DatabaseFailure, failureOf } from '@app/database';
import type { Telemetry } from '@app/telemetry';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { definedProblems, Problem, problemForConstraint, type ProblemDefinition } from './problem';
import { bodyTooLarge, conflict, databaseBusy, databaseUnavailable, malformedRequest, unexpected } from './problems';

@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly telemetry: Telemetry) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = problemOf(error);
    const { status, retryAfterSeconds } = problem.definition;
    if (problem.definition === unexpected.definition)
      this.telemetry.emit('http.failed', {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url ?? 'unmatched',
        error,
      });
    if (reply.sent) return;
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
  if (status === 413) return new Problem(bodyTooLarge.definition, 'The body is too large.', { cause: error });
  const known = definedProblems().find((one) => one.status === status && status !== 500);
  if (known) return new Problem(known, `${(error as Error).message}.`, { cause: error });
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
  pointer === undefined ? {} : { errors: [{ code, detail: title.toLowerCase(), pointer }] };
