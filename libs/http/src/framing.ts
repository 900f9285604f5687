// Refuses what Node's parser lets through and another reader of the same bytes might take for something else.
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { LAST } from './linger';
import { expectationFailed, malformedRequest } from './problems';

/** RFC 9110, section 7.2: one name, and nothing that ends it or begins another. */
const HOST = /^[^\s,@/\\?#]*$/;

let lastHost = '';

/** Whether a value of the header may be what it says; nearly all requests say the same. */
export function isHost(value: string): boolean {
  if (value === lastHost) return true;
  if (!HOST.test(value)) return false;
  lastHost = value;
  return true;
}

export function refuseAmbiguity(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    try {
      admitFraming(request.raw);
      done();
    } catch (refusal) {
      done(refusal as Error);
    }
  });
}

/** Whatever follows on the connection may be part of this one for somebody else. */
const refuse = (detail: string): never => malformedRequest(detail, LAST);

function admitFraming({ url, httpVersion, rawHeaders, headers }: IncomingMessage): void {
  // For the router it begins the query, for a cache or a proxy perhaps what is not sent at all.
  if (url?.includes('#')) refuse('A URL is sent without its fragment.');
  if (httpVersion !== '1.1' && httpVersion !== '1.0') refuse('This is spoken here: HTTP/1.1 and HTTP/1.0.');
  const hosts = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'host');
  if (hosts.length > 1) refuse('The request has more than one Host header.');
  if (hosts.length === 0 && httpVersion === '1.1') refuse('The request has no Host header.');
  if (!hosts.every(isHost)) refuse('The Host header is not the name of one host.');
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    refuse('No Transfer-Encoding is known here but chunked.');
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue')
    expectationFailed('Nothing can be expected here but 100-continue.');
}
