// A body that is too large to hold: unpacked and handed on as it comes, within a size on the wire and one unpacked.
import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { gunzip } from './gunzip';
import { LAST } from './linger';
import { bodyTooLarge, malformedBody, requestTimeout, unsupportedMediaType } from './problems';

/** Values of the reliability design. */
export const UPLOAD_LIMITS = {
  maxBytes: 100 * 1024 * 1024,
  /** A packed line may take a thousandth of a byte on the wire, and takes a millionth of a second here. */
  maxLines: 1_000_000,
  /** Of waiting, for as many bytes as `stepBytes`. */
  silenceMs: 15_000,
  stepBytes: 8 * 1024,
} as const;

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
  bodyTooLarge(
    `The body may have at most ${UPLOAD_LIMITS.maxBytes} bytes and ${UPLOAD_LIMITS.maxLines} lines, unpacked too.`,
  );

const LINE_FEED = 10;

async function* within(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  let lines = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    // Not indexOf(), which costs a call for each line.
    for (let at = 0; at < chunk.length; at++) if (chunk[at] === LINE_FEED) lines++;
    if (bytes > UPLOAD_LIMITS.maxBytes || lines > UPLOAD_LIMITS.maxLines) refuseSize();
    yield chunk;
  }
  if (bytes === 0) malformedBody('The body is empty.');
}

/** The bytes as they come. Leaving early drops the rest and keeps the connection, so that the refusal reaches a client that is still sending. */
async function* received(raw: IncomingMessage): AsyncGenerator<Uint8Array> {
  const parts = raw.iterator({ destroyOnReturn: false }) as AsyncGenerator<Uint8Array>;
  let bytes = 0;
  let waitedMs = 0;
  try {
    for (;;) {
      const askedAt = performance.now();
      const part = await inTime(parts.next(), UPLOAD_LIMITS.silenceMs - waitedMs);
      if (part.done) return;
      bytes += part.value.length;
      waitedMs += performance.now() - askedAt;
      if (bytes >= UPLOAD_LIMITS.stepBytes) bytes = waitedMs = 0;
      yield part.value;
    }
  } finally {
    void parts.return(undefined).then(() => raw.resume());
  }
}

/** Only the time in which nothing is there counts, not that in which it is written. */
async function inTime<T>(read: Promise<T>, ms: number): Promise<T> {
  const stop = new AbortController();
  const { silenceMs, stepBytes } = UPLOAD_LIMITS;
  const silence = delay(Math.max(ms, 0), undefined, { signal: stop.signal }).then(() =>
    requestTimeout(`${stepBytes} bytes of the body may take no longer than ${silenceMs / 1_000} s.`, LAST),
  );
  const part = read.catch((error: unknown) => malformedBody('The body ended too early.', { cause: error }));
  try {
    return await Promise.race([part, silence]);
  } finally {
    stop.abort();
  }
}
