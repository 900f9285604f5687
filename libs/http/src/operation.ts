// One decorator an operation: what it demands, reads and answers, enforced at run time and stated in the API document.
import { applyDecorators, HttpCode, type Type, UseGuards, UseInterceptors } from '@nestjs/common';
// Without the server, which a process that answers no requests need not load.
import { RouteConfig } from '@nestjs/platform-fastify/decorators/route-config.decorator.js';
import { nameClass } from './fields';
import { IdempotencyInterceptor } from './idempotency';
import type { LimitName } from './limits';
import { PrincipalLimit } from './limited-routes';
import { AdminGuard, LoginGuard } from './principal';
import type { Refusal } from './problem';
import type { Demand } from './scopes';

export interface OperationOptions {
  readonly summary: string;
  readonly description?: string;
  /** Class of the answer's body; `stream` for one of the `produces` types; absent for an answer without a body. */
  readonly answers?: Type | 'stream';
  /** 200, or 204 without a body, unless given. */
  readonly status?: number;
  /** A second status with the same body, such as 201 beside 200. */
  readonly otherStatus?: number;
  /** The answer is the same for everyone: it may be stored by caches that revalidate, and carries an entity tag. */
  readonly isPublic?: boolean;
  /** The answer has an id and a version, hence an `ETag` that `If-Match` understands. */
  readonly isVersioned?: boolean;
  /** It is about nothing that is stored: it neither writes nor can miss a write. */
  readonly isUnstored?: boolean;
  /** Path of what was created or accepted; `{id}` stands for its id. */
  readonly location?: string;
  /**
   * `login`: whoever has logged in, and keys: with the scope `read` for GET, with `write` for all else. `session`: no keys; for what
   * guards the account itself. `admin`: administrators who have logged in. Absent: everyone.
   */
  readonly demands?: Demand;
  /** Whose quota a request is taken from, if it is not the one that its method and `demands` mean. */
  readonly limit?: LimitName | 'none';
  /** Media types of the body; JSON unless given. */
  readonly consumes?: readonly string[];
  /** Class of the body, if a pipe can't tell (a stream, a form). */
  readonly body?: Type;
  /** No body counts as `{}`. */
  readonly isBodyOptional?: boolean;
  readonly maxBodyBytes?: number;
  readonly produces?: readonly string[];
  /** Honours `Idempotency-Key`: the key is claimed in the transaction of the effect. */
  readonly isIdempotent?: boolean;
  /** An event stream that honours `Last-Event-ID`. */
  readonly isResumable?: boolean;
  /** Honours `If-Match`. */
  readonly isConditional?: boolean;
  /** It may set or remove a cookie. */
  readonly setsCookie?: boolean;
  /** Further problems, beyond those that follow from the other options. */
  readonly refuses?: readonly Refusal[];
}

export interface OperationConfig extends OperationOptions {
  readonly takesQuery: boolean;
  readonly takesBody: boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: OperationConfig;
  }
}

export interface DescribedOperation {
  readonly config: OperationConfig;
  /** Class of the handler's `@Body()` and `@Query()` parameter. */
  readonly body?: Type;
  readonly query?: Type;
}

const operations = new Map<string, DescribedOperation>();

/** What `@Operation` said of the handler of this name, which is the `operationId`. */
export const operationNamed = (id: string): DescribedOperation | undefined => operations.get(id);

/** Nest's numbers of what a handler's parameters are bound to (RouteParamtypes). */
const BODY = '3';
const QUERY = '4';

export function Operation(options: OperationOptions): MethodDecorator {
  return (target, name, descriptor) => {
    const id = String(name);
    if (operations.has(id))
      throw new Error(`Two operations are called ${id}; a handler's name must be unique, it is the operationId.`);
    const body = options.body ?? boundType(target, name, BODY);
    const query = boundType(target, name, QUERY);
    const config: OperationConfig = {
      ...options,
      status: options.status ?? (options.answers === undefined ? 204 : 200),
      takesQuery: query !== undefined,
      takesBody: body !== undefined || options.consumes !== undefined,
    };
    for (const type of [body, options.answers]) if (typeof type === 'function') nameClass(type);
    operations.set(id, { config, body, query });
    const guards =
      options.demands === undefined
        ? []
        : [LoginGuard, PrincipalLimit, ...(options.demands === 'admin' ? [AdminGuard] : [])];
    applyDecorators(
      HttpCode(config.status as number),
      RouteConfig({ operation: config }),
      UseGuards(...guards),
      ...(options.isIdempotent ? [UseInterceptors(IdempotencyInterceptor)] : []),
    )(target, name, descriptor);
  };
}

function boundType(target: object, name: string | symbol, kind: string): Type | undefined {
  const bound = (Reflect.getMetadata('__routeArguments__', target.constructor, name) ?? {}) as Record<
    string,
    { index: number }
  >;
  const [, parameter] = Object.entries(bound).find(([key]) => key.startsWith(`${kind}:`)) ?? [];
  return parameter && (Reflect.getMetadata('design:paramtypes', target, name) as Type[])[parameter.index];
}
