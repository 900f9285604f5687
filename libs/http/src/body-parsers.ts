// Reads bodies: strict JSON and forms within a size, a depth and a time; streams are handed on unread.
import { parse as parseForm } from 'node:querystring';
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { refuseBody } from './admission';
import { LAST } from './linger';
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

/** What clients send that always name a type, or always post an object: where nothing is read, and no more than that, it is none. */
const NOTHING = ['', '{}'];

async function readBody(
  parse: (text: string) => unknown,
  request: FastifyRequest,
  payload: Readable,
): Promise<unknown> {
  const bytes = await readBytes(request, payload);
  const { takesBody = false, isBodyOptional = false } = request.routeOptions.config.operation ?? {};
  if (!takesBody) return NOTHING.includes(bytes.toString('latin1')) ? undefined : refuseBody();
  return bytes.length === 0 && isBodyOptional ? undefined : parse(textOf(bytes));
}

async function readBytes(request: FastifyRequest, payload: Readable): Promise<Buffer> {
  if (request.headers['content-encoding'] !== undefined)
    unsupportedMediaType('Send this body without a Content-Encoding.');
  const maxBytes = request.routeOptions.config.operation?.maxBodyBytes ?? BODY_LIMITS.maxBytes;
  const refuse = () => bodyTooLarge(`The body may have at most ${maxBytes} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) refuse();
  return received(payload, maxBytes, refuse);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return malformedBody('The body is not UTF-8.');
  }
}

/** The whole body. Whatever is wrong with it, the connection stays: the refusal goes out on it. */
function received(payload: Readable, maxBytes: number, refuse: () => never): Promise<Buffer> {
  const { timeoutMs } = BODY_LIMITS;
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let isOver = false;
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > maxBytes) end(refuse);
      else chunks.push(chunk);
    };
    const end = (outcome: () => Buffer): void => {
      // Of an error, an end and a close the first counts: a second refusal would be nobody's, and end the process.
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      // What still comes is read and thrown away.
      payload.off('data', take).resume();
      resolve(new Promise((settle) => settle(outcome())));
    };
    const expire = (): never => requestTimeout(`The body must arrive within ${timeoutMs / 1_000} s.`, LAST);
    const timer = setTimeout(end, timeoutMs, expire);
    const fail = (error: Error): void =>
      end(() => {
        throw error;
      });
    payload.on('data', take).on('end', () => end(() => Buffer.concat(chunks)));
    payload.on('error', fail).on('close', () => payload.readableEnded || fail(new Error('The body was cut off.')));
  });
}
