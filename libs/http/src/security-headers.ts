// Headers that keep browsers from doing more with an answer than they were asked to.
import type { FastifyInstance, FastifyRequest } from 'fastify';

const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

export const safeHeaders = ({ id, protocol }: FastifyRequest): Record<string, string> => ({
  'x-request-id': id,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': API_POLICY,
  ...(protocol === 'https' && { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }),
});

export function sendSecurityHeaders(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.headers(safeHeaders(request));
    done();
  });
}
