// Headers that keep browsers from doing more with an answer than they were asked to.
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Of every answer. */
export const SAFE_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

/** Of those that went through TLS. */
export const TLS_HEADERS = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } as const;

export const safeHeaders = ({ id, protocol }: FastifyRequest): Record<string, string> => ({
  'x-request-id': id,
  ...SAFE_HEADERS,
  ...(protocol === 'https' && TLS_HEADERS),
});

export function sendSecurityHeaders(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.headers(safeHeaders(request));
    done();
  });
}
