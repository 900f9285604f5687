// Gives each answer its headers: entity tag, location, links, caching; turns a read of what the client has into a 304.
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { serverTiming } from '@app/telemetry';
import { etagOf, etagOfBytes, matchOf, type Versioned } from './etag';
import type { OperationConfig } from './operation';
import type { Page } from './pages';

declare module 'fastify' {
  interface FastifyRequest {
    /** Told of a public answer before it is sent, whole, with its entity tag. */
    keep?: (body: string) => void;
  }
}

/** A body whose status the handler decides, for an operation that has two. */
export class Answer<Body> {
  constructor(
    readonly status: number,
    readonly body: Body,
  ) {}
}

export function answerWithHeaders(fastify: FastifyInstance): void {
  fastify.addHook('preSerialization', (request, reply, payload, done) => {
    const { operation } = request.routeOptions.config;
    const body = payload instanceof Answer ? (payload.body as unknown) : payload;
    if (payload instanceof Answer) void reply.status(payload.status);
    if (operation && reply.statusCode < 300) describeBody(operation, request, reply, body);
    done(null, body);
  });

  fastify.addHook('onSend', (request, reply, payload, done) => {
    const { operation } = request.routeOptions.config;
    void reply.header('server-timing', serverTiming({ app: reply.elapsedTime }));
    // nginx would hold events back until it has a bufferful.
    if (operation?.isResumable) void reply.header('x-accel-buffering', 'no');
    const isPublic = operation?.isPublic === true && reply.statusCode === 200;
    if (!reply.hasHeader('cache-control'))
      void reply.header('cache-control', isPublic ? 'public, no-cache' : 'no-store');
    // Fastify would read a stream to its end, which may never come, for nobody.
    if (request.method === 'HEAD' && payload instanceof Readable) return done(null, closed(payload));
    if (!isPublic || typeof payload !== 'string') return done(null, payload);

    if (!reply.hasHeader('etag')) void reply.header('etag', etagOfBytes(payload));
    request.keep?.(payload);
    // Whoever has kept it, or had it, has said so (RFC 9211).
    if (!reply.hasHeader('cache-status')) void reply.header('cache-status', 'floodgate; fwd=bypass');
    const known = request.headers['if-none-match'];
    const match = known === undefined ? undefined : matchOf(known, reply.getHeader('etag') as string);
    if (match === undefined) return done(null, payload);
    void reply.status(304).header('etag', match).removeHeader('content-type').removeHeader('content-length');
    // Fastify's own HEAD hook comes after this one and takes the body's length.
    done(null, request.method === 'HEAD' ? payload : null);
  });
}

/** An empty stream instead, so that no length is claimed. */
function closed(stream: Readable): Readable {
  stream.destroy();
  return Readable.from([]);
}

function describeBody(
  { isVersioned, location }: OperationConfig,
  request: FastifyRequest,
  reply: FastifyReply,
  body: unknown,
): void {
  if (isVersioned) void reply.header('etag', etagOf(body as Versioned));
  if (location !== undefined && reply.statusCode !== 200)
    void reply.header('location', location.replace('{id}', (body as Versioned).id));
  const { page } = body as Partial<Page<unknown>>;
  if (page) void reply.header('link', links(request.url, page.next, page.previous));
}

/** RFC 8288; the same URL with another cursor. */
function links(url: string, next: string | null, previous: string | null): string {
  const start = url.indexOf('?');
  const [path, query] = start === -1 ? [url, ''] : [url.slice(0, start), url.slice(start + 1)];
  const link = (rel: string, cursor: string | null) => {
    const parameters = new URLSearchParams(query);
    if (cursor === null) parameters.delete('cursor');
    else parameters.set('cursor', cursor);
    const text = parameters.toString();
    return `<${path}${text && `?${text}`}>; rel="${rel}"`;
  };
  return [
    link('first', null),
    ...(previous === null ? [] : [link('prev', previous)]),
    ...(next === null ? [] : [link('next', next)]),
  ].join(', ');
}
