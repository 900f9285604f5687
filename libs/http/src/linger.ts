// Answered before its body has come: the connection stays a while, so that the answer reaches who is still sending, and then ends.
import type { FastifyInstance } from 'fastify';

const LINGER_MS = 5_000;

/** Of an answer to someone who sends nothing more: there is nothing to stay for. */
export const LAST = { headers: { connection: 'close' } } as const;

export function lingerForBodies(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', ({ raw }, _reply, done) => {
    // Of a request that was injected it is not known.
    if (raw.complete === false) setTimeout(() => raw.complete || raw.destroy(), LINGER_MS).unref();
    done();
  });
}
