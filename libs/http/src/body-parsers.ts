// Reads bodies: strict JSON and forms within a size, a depth and a time; streams are handed on unread.
import { parse as parseForm } from 'node:querystring';
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parse as parseJson } from 'secure-json-parse';

import { bodyTooLarge, malformedBody, requestTimeout, unsupportedMediaType } from './problems';

/** Values of the reliability design. */
export const BODY_LIMITS = { maxBytes: 256 * 1024, maxDepth: 32, timeoutMs: 15_000 } as const;

const BUFFERED = ['application/json', 'application/merge-patch+json', 'application/x-www-form-urlencoded'];
const STREAMED = ['application/x-ndjson', 'text/csv'];

export function parseBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  for (const type of BUFFERED) {
    const parse = type.endsWith('form-urlencoded') ? parseForm : strictJson;
    fastify.addContentTypeParser(type, async (request: FastifyRequest, payload: Readable) =>
      parse(await readText(request, payload)),
    );
  }
  fastify.addContentTypeParser(STREAMED, (_request, payload, done) => done(null, payload));
  fastify.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume();
    done(null, undefined);
  });
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

/** JSON that is not too deep and does not reach for prototypes. */
export function strictJson(text: string): unknown {
  if (text.trim() === '') malformedBody('The body is empty; JSON is required.');
  if (depthOf(text) > BODY_LIMITS.maxDepth) malformedBody(`The body is nested more than ${BODY_LIMITS.maxDepth} deep.`);
  try {
    return parseJson(text, null, { protoAction: 'error', constructorAction: 'error' });
  } catch (error) {
    // V8's message quotes the body; only the position is worth telling.
    const [position] = /at position \d+( \(line \d+ column \d+\))?/.exec((error as Error).message) ?? [];
    const isPrototype = (error as Error).message.includes('forbidden prototype');
    return malformedBody(
      isPrototype
        ? 'The body has a key __proto__ or constructor that is not allowed.'
        : `The body is not JSON${position ? `, ${position}` : ''}.`,
    );
  }
}

const QUOTE = 34;
const BACKSLASH = 92;

/** Nesting of brackets outside of strings. A scan, so that no deep value is ever built. */
export function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === 91 || code === 123) deepest = Math.max(deepest, ++depth);
    else if (code === 93 || code === 125) depth--;
  }
  return deepest;
}
