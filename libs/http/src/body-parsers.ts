// Reads bodies: strict JSON and forms within a size, a depth and a time; streams are handed on unread.
import { parse as parseForm } from 'node:querystring';
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { bodyTooLarge, malformedBody, requestTimeout, unsupportedMediaType } from './problems';
import { strictJson } from './strict-json';

/** Values of the reliability design. */
export const BODY_LIMITS = { maxBytes: 256 * 1024, timeoutMs: 15_000 } as const;

const BUFFERED = ['application/json', 'application/merge-patch+json', 'application/x-www-form-urlencoded'];
const STREAMED = ['application/x-ndjson', 'text/csv'];

export function parseBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  for (const type of BUFFERED) {
    const parse = type.endsWith('form-urlencoded') ? parseForm : strictJson;
    fastify.addContentTypeParser(type, async (request: FastifyRequest, payload: Readable) =>
      readBody(parse, request, payload),
    );
  }
  fastify.addContentTypeParser(STREAMED, (_request, payload, done) => done(null, payload));
  fastify.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume();
    done(null, undefined);
  });
  fastify.addHook('preValidation', (request, _reply, done) => {
    if (request.body === undefined && request.routeOptions.config.operation?.isBodyOptional) request.body = {};
    done();
  });
}

/** Clients that always name a type send it with an empty body too: where no body is needed, that is none. */
async function readBody(
  parse: (text: string) => unknown,
  request: FastifyRequest,
  payload: Readable,
): Promise<unknown> {
  const text = await readText(request, payload);
  const { takesBody = false, isBodyOptional = false } = request.routeOptions.config.operation ?? {};
  const isIgnored = text === '' && (!takesBody || isBodyOptional);
  return isIgnored ? undefined : parse(text);
}

async function readText(request: FastifyRequest, payload: Readable): Promise<string> {
  if (request.headers['content-encoding'] !== undefined)
    unsupportedMediaType('Send this body without a Content-Encoding.');
  const maxBytes = request.routeOptions.config.operation?.maxBodyBytes ?? BODY_LIMITS.maxBytes;
  const refuse = () =>
    bodyTooLarge(`The body may have at most ${maxBytes} bytes.`, { headers: { connection: 'close' } });
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) refuse();
  const timer = setTimeout(() => payload.destroy(new Error('slow body')), BODY_LIMITS.timeoutMs);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of payload as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) refuse();
      chunks.push(chunk);
    }
  } catch (error) {
    if ((error as Error).message === 'slow body')
      requestTimeout(`The body must arrive within ${BODY_LIMITS.timeoutMs / 1_000} s.`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return malformedBody('The body is not UTF-8.');
  }
}
