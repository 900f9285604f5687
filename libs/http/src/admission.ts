// Looks at a request before anything is read from it: route, method, media types, parameters; refuses early and cheaply.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import findMyWay, { type FindResult, type HTTPMethod, type HTTPVersion } from 'find-my-way';
import Negotiator from 'negotiator';
import type { OperationConfig } from './operation';
import {
  malformedRequest,
  methodNotAllowed,
  notAcceptable,
  notFound,
  refuseParameters,
  unexpectedBody,
  unsupportedMediaType,
} from './problems';

const JSON_TYPES = ['application/json'];
const METHODS: HTTPMethod[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Must be called before the first route is registered. */
export function admitRequests(fastify: FastifyInstance): void {
  const routes = findMyWay();
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat() as HTTPMethod[])
      if (!routes.hasRoute(one, url)) routes.on(one, url, () => undefined);
  });
  fastify.addHook('onRequest', (request, _reply, done) => {
    try {
      // The route of all OPTIONS is there for preflights alone, which have been answered.
      if (request.is404 || request.method === 'OPTIONS')
        refuseRoute(METHODS.filter((method) => isRoute(routes.find(method, pathOf(request)))));
      if (request.url.includes('%')) admitEncoding(request.url);
      const { operation } = request.routeOptions.config;
      if (operation) admit(request, operation);
      // Unread it would be sent in vain, and whoever stands in front might take it for something else.
      if (!operation?.takesBody && hasBody(request) && !mayBeNothing(request)) refuseBody();
      done();
    } catch (refusal) {
      done(refusal as Error);
    }
  });
}

/** The router takes an empty segment for a parameter's value; Nest does not, and answers 404. */
const isRoute = (found: FindResult<HTTPVersion.V1> | null): boolean =>
  found !== null && !Object.values(found.params).includes('');

/** The parser of the query leaves what it can't decode as it is. */
function admitEncoding(url: string): void {
  try {
    decodeURIComponent(url);
  } catch {
    malformedRequest('The URL is not well-formed: it has a % that does not begin an encoded UTF-8 character.');
  }
}

function admit(request: FastifyRequest, operation: OperationConfig): void {
  if (!operation.takesQuery && request.url.includes('?')) {
    const names = Object.keys(request.query as object);
    if (names.length > 0)
      refuseParameters(names.map((parameter) => ({ code: 'unknown', detail: 'is not known here', parameter })));
  }
  const produced = operation.produces ?? JSON_TYPES;
  if (request.headers.accept && operation.answers !== undefined) {
    const acceptable = [...produced, 'application/problem+json'];
    if (new Negotiator(request.raw).mediaTypes(acceptable).length === 0)
      notAcceptable(`This is answered as ${produced.join(' or ')}.`);
  }
  if (operation.takesBody) admitBody(request, operation.consumes ?? JSON_TYPES);
}

const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** `{}`, which many clients post when there is nothing to say: read like any body, so that all know where it ends. */
const mayBeNothing = ({ method, headers }: FastifyRequest): boolean =>
  method === 'POST' &&
  headers['content-length'] === '2' &&
  headers['content-encoding'] === undefined &&
  mediaTypeOf(headers) === 'application/json';

/** Of a request that nothing reads one of. */
export const refuseBody = (): never => unexpectedBody('Send this request without a body.');

const mediaTypeOf = (headers: FastifyRequest['headers']): string | undefined =>
  headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();

function admitBody(request: FastifyRequest, consumed: readonly string[]): void {
  const type = mediaTypeOf(request.headers);
  if (!(hasBody(request) || type !== undefined) || consumed.includes(type ?? '')) return;
  unsupportedMediaType(
    `Send ${consumed.join(' or ')} instead of ${type === undefined ? 'a body without a Content-Type' : 'this Content-Type'}.`,
    {
      headers: { accept: consumed.join(', ') },
    },
  );
}

function refuseRoute(allowed: readonly string[]): never {
  if (allowed.length === 0) notFound('No route has this path.');
  methodNotAllowed(`Use ${allowed.join(', ')} here.`, { headers: { allow: allowed.join(', ') } });
}

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '';
