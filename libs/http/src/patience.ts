// How long the caller waits: as long as `X-Request-Timeout` says, and no longer than he is there.
import { during, Lifetime } from '@app/database';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problem';
import { deadlineExceeded, refuseParameters } from './problems';

export const REQUEST_TIMEOUT = /^[1-9]\d{0,4}$/;
/** Milliseconds. */
export const MAX_REQUEST_TIMEOUT = 60_000;
/** Longer than a handler does anything without the database, which is where it learns that nobody waits any more. */
const AFTERMATH = 5_000;

export const isRequestTimeout = (value: string): boolean =>
  REQUEST_TIMEOUT.test(value) && Number(value) <= MAX_REQUEST_TIMEOUT;

declare module 'fastify' {
  interface FastifyRequest {
    /** `performance.now()` */
    deadline?: number;
  }
}

/** Must be called before the hook that runs handlers in a scope of their own. */
export function waitWithCallers(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const value = request.headers['x-request-timeout'];
    if (value === undefined) return done();
    try {
      request.deadline = performance.now() + millisecondsOf(value);
      done();
    } catch (refusal) {
      done(refusal as Error);
    }
  });
  fastify.addHook('preHandler', (request, reply, done) => {
    const { operation } = request.routeOptions.config;
    if (operation === undefined || (operation.isUnstored && request.deadline === undefined)) return done();
    const lifetime = new Lifetime();
    const timer = expire(request, reply, lifetime);
    const isOver = new Promise<void>((resolve) =>
      reply.raw.once('close', () => {
        clearTimeout(timer);
        if (!reply.raw.writableEnded) lifetime.end(tooLate('The caller has gone.'));
        if (lifetime.isOver) setTimeout(resolve, AFTERMATH).unref();
        else resolve();
      }),
    );
    void during(lifetime, () => (done(), isOver));
  });
}

function millisecondsOf(value: string | string[]): number {
  if (typeof value === 'string' && isRequestTimeout(value)) return Number(value);
  const detail = `must be a whole number of milliseconds from 1 to ${MAX_REQUEST_TIMEOUT}`;
  return refuseParameters([{ code: 'wrong_format', detail, parameter: 'X-Request-Timeout' }]);
}

/** Answers when the time is over, whatever it is that has not ended by then. */
function expire({ id, deadline }: FastifyRequest, reply: FastifyReply, lifetime: Lifetime): NodeJS.Timeout | undefined {
  if (deadline === undefined) return undefined;
  const giveUp = (): void => {
    const problem = tooLate('The answer was not ready within X-Request-Timeout.');
    lifetime.end(problem);
    if (reply.sent) return;
    const { status } = problem.definition;
    void reply
      .status(status)
      .type('application/problem+json')
      .send(JSON.stringify(problem.toDocument(id)));
  };
  return setTimeout(giveUp, Math.max(0, deadline - performance.now()));
}

const tooLate = (detail: string): Problem => new Problem(deadlineExceeded.definition, detail);
