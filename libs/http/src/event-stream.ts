// Server-sent events (HTML, section 9.2): written as they come, through proxies too, and ended with the generator.
import { PassThrough, pipeline, Readable } from 'node:stream';
import { createParamDecorator, type ExecutionContext, StreamableFile } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { refuseParameters } from './problems';

/** An event, or a comment that keeps the connection open and that clients skip. */
export type ServerEvent =
  { readonly event: string; readonly id?: string; readonly data: unknown } | { readonly comment: string };

/** Milliseconds after which a client that was cut off comes back. */
const RETRY_MS = 1_000;

/** @param open makes the events; its signal says that the client is gone, which a generator that waits would not notice by itself */
export function eventStream(open: (signal: AbortSignal) => AsyncGenerator<ServerEvent>): StreamableFile {
  const gone = new AbortController();
  // A stream of a generator closes only when that has yielded once more; this one closes at once.
  const stream = new PassThrough().once('close', () => gone.abort());
  pipeline(Readable.from(texts(open(gone.signal)), { objectMode: false }), stream, () => undefined);
  return new StreamableFile(stream, { type: 'text/event-stream' });
}

async function* texts(events: AsyncGenerator<ServerEvent>): AsyncGenerator<string> {
  yield `retry: ${RETRY_MS}\n\n`;
  for await (const one of events) yield textOf(one);
}

function textOf(one: ServerEvent): string {
  if ('comment' in one) return `: ${one.comment}\n\n`;
  const id = one.id === undefined ? '' : `id: ${one.id}\n`;
  return `${id}event: ${one.event}\ndata: ${JSON.stringify(one.data)}\n\n`;
}

const HEADER = 'Last-Event-ID';
export const EVENT_ID = /^\d{1,9}$/;

/** The number of the last event that the client has seen; 0 if it has seen none. */
export const LastEventId = createParamDecorator((_: unknown, context: ExecutionContext): number => {
  const text = context.switchToHttp().getRequest<FastifyRequest>().headers[HEADER.toLowerCase()] ?? '0';
  if (typeof text !== 'string' || !EVENT_ID.test(text))
    refuseParameters([
      { code: 'wrong_format', detail: 'must be the id of an event of this stream', parameter: HEADER },
    ]);
  return Number(text);
});
