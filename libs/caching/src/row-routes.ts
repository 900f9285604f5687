// Which marked routes are answered with one row in front of the router; refuses those that would be answered wrongly.
import { operationNamed, pathParameterOf } from '@app/http';
import { cacheControlOf } from './cache-control';
import type { Caches } from './caches';
import { keyOf } from './keys';
import { markOf } from './mark';
import type { RowRoute } from './row-answers';

export interface Handled {
  readonly controller: object;
  readonly handler: object & { name: string };
}

interface Surroundings {
  readonly caches: Caches;
  /** Paths of all routes. */
  readonly paths: readonly string[];
  readonly vary?: string;
}

/** The path of a handler, as its decorators give it. */
export const pathOf = ({ controller, handler }: Handled): string =>
  `/${[controller, handler]
    .map((one) => String(Reflect.getMetadata('path', one) ?? ''))
    .join('/')
    .split('/')
    .filter(Boolean)
    .join('/')}`;

/** Undefined for a handler that names no row. @throws Error that says what is wrong with the mark */
export function rowRouteOf(handled: Handled, { caches, paths, vary }: Surroundings): RowRoute | undefined {
  const { name } = handled.handler;
  const options = markOf(handled.handler);
  if (options?.row === undefined) return undefined;
  const refuse = (why: string): never => {
    throw new Error(`${name} is marked as the row of ${options.row}, but ${why}.`);
  };
  const template = pathOf(handled);
  const [, prefix = '', parameter = ''] =
    /^([^:]*\/):(\w+)$/.exec(template) ?? refuse('its path has not one parameter, at its end');
  const cache = caches.all().get(options.row) ?? refuse('there is no such cache');
  if (!cache.isOfRows) refuse('that cache has not each row by itself, loaded by gathered reads');
  const { config, query } = operationNamed(name) ?? {};
  if (query !== undefined) refuse('it has a query');
  const { rule } = pathParameterOf(name, parameter) ?? refuse('its parameter has no rule');
  for (const path of paths) {
    const segment = path.startsWith(prefix) ? path.slice(prefix.length) : '';
    if (/^[^:/]+$/.test(segment) && rule.faults(segment).length === 0) refuse(`${path} would be taken for one`);
  }
  return {
    prefix,
    template,
    name,
    rule,
    cache,
    vary,
    longVary: [vary, 'Accept-Encoding'].filter(Boolean).join(', '),
    isVersioned: config?.isVersioned === true,
    cacheControl: cacheControlOf(options) ?? 'public, no-cache',
    questionOf: (value) => `${name} ${keyOf({ [parameter]: value })}`,
  };
}
