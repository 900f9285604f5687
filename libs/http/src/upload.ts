// A body that is too large to hold: unpacked and handed on as it comes, within a size on the wire and one unpacked.
import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { gunzip } from './gunzip';
import { bodyTooLarge, malformedBody, requestTimeout, unsupportedMediaType } from './problems';

/** Values of the reliability design. */
export const UPLOAD_LIMITS = { maxBytes: 100 * 1024 * 1024, silenceMs: 15_000, lingerMs: 5_000 } as const;

export interface Upload {
  /** Media type, without parameters. */
  readonly type: string;
  /** Unpacked. Refuses a body that is empty, too large, cut short or stalls. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** The body of a route whose `consumes` are streamed types. */
export const Uploaded = createParamDecorator((_: unknown, context: ExecutionContext): Upload => {
  const { headers, raw } = context.switchToHttp().getRequest<FastifyRequest>();
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (encoding !== 'gzip' && encoding !== 'identity')
    unsupportedMediaType('Send this body as it is or packed with gzip.', { headers: { 'accept-encoding': 'gzip' } });
  if (Number(headers['content-length'] ?? 0) > UPLOAD_LIMITS.maxBytes) refuseSize();
  const wire = within(received(raw));
  return { type, bytes: encoding === 'gzip' ? within(gunzip(wire)) : wire };
});

const refuseSize = (): never =>
  bodyTooLarge(`The body may have at most ${UPLOAD_LIMITS.maxBytes} bytes, unpacked too.`);

async function* within(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > UPLOAD_LIMITS.maxBytes) refuseSize();
    yield chunk;
  }
  if (bytes === 0) malformedBody('The body is empty.');
}

/** The bytes as they come. Leaving early keeps the connection for a while, so that the refusal reaches a client that is still sending. */
async function* received(raw: IncomingMessage): AsyncGenerator<Uint8Array> {
  const parts = raw.iterator({ destroyOnReturn: false }) as AsyncGenerator<Uint8Array>;
  try {
    for (let part = await inTime(parts.next()); !part.done; part = await inTime(parts.next())) yield part.value;
  } finally {
    void parts.return(undefined).then(() => raw.resume());
    if (!raw.readableEnded) setTimeout(() => raw.readableEnded || raw.destroy(), UPLOAD_LIMITS.lingerMs).unref();
  }
}

async function inTime<T>(read: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const { silenceMs } = UPLOAD_LIMITS;
  const silence = delay(silenceMs, undefined, { signal: stop.signal }).then(() =>
    requestTimeout(`No part of the body may take longer than ${silenceMs / 1_000} s.`),
  );
  const part = read.catch((error: unknown) => malformedBody('The body ended too early.', { cause: error }));
  try {
    return await Promise.race([part, silence]);
  } finally {
    stop.abort();
  }
}
