// Marks a route whose answer is the same for everyone, and refuses marks that would be wrong.
import { operationNamed } from '@app/http';
import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common';
import { AnswerInterceptor } from './answer-interceptor';
import { MARK, type PublicCacheOptions } from './mark';

/** Keeps the finished answer in memory and writes it in front of the router, until something that it was built from changes. */
export const PublicCache = (options: PublicCacheOptions = {}): MethodDecorator =>
  applyDecorators(SetMetadata(MARK, options), UseInterceptors(AnswerInterceptor));

/** Nest's numbers of what a handler's parameters may be bound to (RouteParamtypes). */
const QUERY = '4';
const PARAM = '5';
const GET = 0;

interface MarkedRoute {
  readonly controller: object;
  readonly handler: object & { name: string };
  /** The controller is made once, and so is all that it was given: nothing of a request can hide in it. */
  readonly isShared: boolean;
}

/** A handler that could tell callers apart must not be marked. @throws Error that names it and says why */
export function verifyMark({ controller, handler, isShared }: MarkedRoute): void {
  const name = `${(controller as { name: string }).name}.${handler.name}`;
  const refuse = (why: string): never => {
    throw new Error(`${name} is marked @PublicCache(), but ${why}: its answer could reach somebody else.`);
  };
  const { config } = operationNamed(handler.name) ?? refuse('has no @Operation()');
  if (Reflect.getMetadata('method', handler) !== GET) refuse('is not a GET');
  if (!config.isPublic) refuse('its operation is not isPublic');
  if (config.demands !== undefined) refuse('demands a login');
  if (config.answers === 'stream') refuse('answers with a stream');
  if (!isShared) refuse('its controller, or something injected into it, is made anew for each request');
  for (const target of [handler, controller])
    if (((Reflect.getMetadata('__guards__', target) ?? []) as unknown[]).length > 0) refuse('has a guard');
  const bound = (Reflect.getMetadata('__routeArguments__', controller, handler.name) ?? {}) as object;
  for (const kind of Object.keys(bound))
    if (![QUERY, PARAM].includes(kind.split(':')[0] as string))
      refuse('has a parameter that is neither of the path nor of the query');
}
