// The HTTP server: its limits and timeouts, and what it says when a request is not even HTTP.
import { createServer, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { serverTiming } from '@app/telemetry';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { closeIdleConnections } from './idle-connections';
import type { Load } from './load';
import { isOneTooMany } from './pipelining';
import { Problem } from './problem';
import { malformedRequest, uriTooLong } from './problems';
import { refuseSocket, refuseTunnel } from './raw-refusals';
import { requestIdOf } from './request-id';
import { originForm } from './routed-path';
import { safeHeaders } from './security-headers';

/** Values of the reliability design. */
export const SERVER_LIMITS = {
  urlBytes: 8 * 1024,
  headerBytes: 16 * 1024,
  headersTimeoutMs: 10_000,
  /** A streamed import may take this long to arrive; buffered bodies have a shorter limit of their own. */
  requestTimeoutMs: 300_000,
  connectionsCheckingIntervalMs: 5_000,
  /** Longer than the proxy's, so that it is never the proxy that meets a closed connection. */
  keepAliveTimeoutMs: 75_000,
  /** As long as for a download: what waits to be sent takes memory. */
  stallMs: 30_000,
} as const;

export interface AdapterSettings {
  /** Addresses and networks whose `X-Forwarded-*` headers are believed. */
  readonly trustProxy: readonly string[];
  /** Counts what the router is given, and refuses what is too much. */
  readonly load: Load;
  /** Stands in front of the router: true if it has answered, or will answer, or will give the request to the router later. */
  readonly front?: (...request: [...Parameters<RequestListener>, route: RequestListener]) => boolean;
}

/** Loads the server: a process that answers no requests does without. */
export async function createAdapter({ trustProxy, load, front }: AdapterSettings): Promise<FastifyAdapter> {
  const [{ FastifyAdapter }, { LogController }] = await Promise.all([
    import('@nestjs/platform-fastify'),
    import('fastify'),
  ]);
  return new FastifyAdapter({
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    genReqId: requestIdOf,
    routerOptions: { maxParamLength: 500 },
    forceCloseConnections: 'idle',
    // What arrives on an open connection while the server closes is still answered.
    return503OnClosing: false,
    logController: new LogController({ disableRequestLogging: true }),
    // Fastify sets no limits on a server that it has not made itself.
    serverFactory: (route: RequestListener) => {
      const server = createServer(
        {
          maxHeaderSize: SERVER_LIMITS.headerBytes,
          headersTimeout: SERVER_LIMITS.headersTimeoutMs,
          requestTimeout: SERVER_LIMITS.requestTimeoutMs,
          keepAliveTimeout: SERVER_LIMITS.keepAliveTimeoutMs,
          connectionsCheckingInterval: SERVER_LIMITS.connectionsCheckingIntervalMs,
          // Node's own refusals say nothing: these are made by the hooks of `framing.ts`.
          requireHostHeader: false,
        },
        inFrontOf(route, load, front),
      );
      // Their bytes are bounded; a number would hide those that come after it.
      server.maxHeadersCount = 0;
      server.on('checkExpectation', route);
      server.on('connect', (_request, socket: Socket) => refuseTunnel(socket));
      closeIdleConnections(server, {
        lookEveryMs: SERVER_LIMITS.connectionsCheckingIntervalMs,
        stallMs: SERVER_LIMITS.stallMs,
      });
      return server;
    },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      const { status } = malformedRequest.definition;
      const problem = new Problem(malformedRequest.definition, 'The URL is not well-formed.', { cause: error });
      // No route, hence no hooks.
      void reply
        .status(status)
        .headers({
          ...safeHeaders(request),
          'cache-control': 'no-store',
          'server-timing': serverTiming({ app: reply.elapsedTime }),
          ...(load.isDraining && { connection: 'close' }),
        })
        .type('application/problem+json')
        .send(JSON.stringify(problem.toDocument(request.id)));
    },
    clientErrorHandler: (error: Error & { code?: string }, socket: Socket) => refuseSocket(error, socket),
  } as never);
}

function inFrontOf(route: RequestListener, load: Load, front: AdapterSettings['front']): RequestListener {
  return (request, response) => {
    if (isOneTooMany(request, response)) return;
    const url = request.url as string;
    // Fastify would answer an asterisk without its hooks.
    if (!url.startsWith('/') && !(url === '*' && request.method === 'OPTIONS')) request.url = originForm(url);
    const isPlain = request.httpVersionMajor === 1 && front !== undefined;
    if (isPlain && front(request, response, route)) return;
    if (load.refuses(request, response)) return;
    route(request, response);
  };
}

/** Too long URLs are refused in front of the router. */
export function refuseLongUrls(adapter: FastifyAdapter): void {
  adapter.getInstance().addHook('onRequest', (request, _reply, done) => {
    if (request.url.length <= SERVER_LIMITS.urlBytes) return done();
    done(new Problem(uriTooLong.definition, `The URL may have at most ${SERVER_LIMITS.urlBytes} bytes.`));
  });
}
