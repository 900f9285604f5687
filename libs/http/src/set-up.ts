// Puts the HTTP layer around an application, in the order in which a request meets it.
import { ChangeFeed, Database } from '@app/database';
import { Metrics, Telemetry } from '@app/telemetry';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { refuseLongUrls } from './adapter';
import { admitRequests } from './admission';
import { answerWithHeaders } from './answer';
import { parseBodies } from './body-parsers';
import { keepConsistent } from './consistency';
import { Drain } from './drain';
import { refuseAmbiguity } from './framing';
import { InputPipe } from './input';
import { limitAddresses } from './limited-routes';
import { type Limits, LIMITS } from './limits';
import { lingerForBodies } from './linger';
import type { Load } from './load';
import { waitWithCallers } from './patience';
import { ProblemFilter } from './problem.filter';
import { sendSecurityHeaders } from './security-headers';

export interface HttpSettings {
  /** Exact origins of the web pages that may call. */
  readonly corsOrigins: readonly string[];
  /** The one that the adapter was made with. */
  readonly load: Load;
}

export const EXPOSED_HEADERS = [
  'ETag',
  'Link',
  'Location',
  'X-Request-Id',
  'WWW-Authenticate',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'Cache-Status',
  'Consistency-Token',
  'Server-Timing',
  'Idempotency-Replayed',
];

export function setUpHttp(app: NestFastifyApplication, { corsOrigins, load }: HttpSettings): void {
  const fastify = app.getHttpAdapter().getInstance();
  const telemetry = app.get(Telemetry);
  const drain = app.get(Drain);
  drain.watch(fastify);
  drain.onBegin(() => (load.isDraining = true));
  load.watch(fastify, telemetry, app.get(Metrics));
  sendSecurityHeaders(fastify);
  if (corsOrigins.length > 0) admitPages(app, corsOrigins);
  refuseLongUrls(app.getHttpAdapter() as never);
  refuseAmbiguity(fastify);
  lingerForBodies(fastify);
  limitAddresses(fastify, app.get<Limits>(LIMITS));
  admitRequests(fastify);
  parseBodies(fastify);
  waitWithCallers(fastify);
  keepConsistent(fastify, app.get(Database), app.get(ChangeFeed));
  answerWithHeaders(fastify);
  observe(fastify, telemetry);
  app.useGlobalPipes(new InputPipe());
  app.useGlobalFilters(new ProblemFilter(telemetry));
}

/** An OPTIONS that is no preflight is left to the router, which answers it as if there were no pages. */
function admitPages(app: NestFastifyApplication, origins: readonly string[]): void {
  const options = {
    origin: [...origins],
    credentials: true,
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: 600,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  };
  const ordinary = { ...options, preflight: false };
  const isPreflight = ({ method, headers }: FastifyRequest): boolean =>
    method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
  app.enableCors({ delegator: (request, done) => done(null, isPreflight(request) ? options : ordinary) });
}

function observe(fastify: FastifyInstance, telemetry: Telemetry): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    telemetry.emit('http.answered', {
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url ?? 'unmatched',
      status: reply.statusCode,
      durationMs: reply.elapsedTime,
    });
    done();
  });
}
