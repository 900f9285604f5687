// Who is asking: the shape that the application's own authentication fills in, and the guards that demand it.
import { type CanActivate, createParamDecorator, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { countStranger } from './limited-routes';
import { LIMITS, type Limits } from './limits';
import { Problem } from './problem';
import { loginRequired, notAllowed } from './problems';
import { type Scope, verifyScopes } from './scopes';

export interface Principal {
  readonly id: string;
  readonly isAdmin: boolean;
  /** The session that the token belongs to, if it belongs to one. */
  readonly sessionId?: string;
  /** Of a key that acts for its owner: all that it may do. Absent: the caller has logged in. */
  readonly scopes?: readonly Scope[];
}

/** Tells who presents a bearer token; refuses one that is not valid. Provided by the application. */
export interface Authenticator {
  authenticate(token: string): Promise<Principal>;
}

export const AUTHENTICATOR = Symbol('authenticator');

declare module 'fastify' {
  interface FastifyRequest {
    principal?: Principal;
  }
}

@Injectable()
export class LoginGuard implements CanActivate {
  constructor(
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
    @Inject(LIMITS) private readonly limits: Limits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const principal = await this.principalOf(request).catch(async (refusal: unknown) => {
      const isUnknown = refusal instanceof Problem && refusal.definition.status === 401;
      if (isUnknown) await countStranger(this.limits, request, http.getResponse<FastifyReply>());
      throw refusal;
    });
    const { scopes } = principal;
    // Its owner may be an administrator; a key never is.
    request.principal = scopes ? { ...principal, isAdmin: false } : principal;
    if (scopes) verifyScopes(scopes, request.method, request.routeOptions.config.operation?.demands);
    return true;
  }

  private async principalOf(request: FastifyRequest): Promise<Principal> {
    const token = bearerOf(request);
    if (token !== undefined) return this.authenticator.authenticate(token);
    return loginRequired('Send an access token as `Authorization: Bearer …`.', {
      headers: { 'www-authenticate': 'Bearer' },
    });
  }
}

@Injectable()
export class AdminGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
    return principal?.isAdmin ? true : notAllowed('Only an administrator may do this.');
  }
}

const bearerOf = ({ headers }: FastifyRequest): string | undefined =>
  /^Bearer +([\w.~+/=-]+)$/i.exec(headers.authorization ?? '')?.[1];

/** The bearer token of a route that can do without one; nobody has looked at it yet. */
export const BearerToken = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined =>
  bearerOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** The principal of a route that demands a login. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!principal) throw new Error('@Caller() is used on a route that does not demand a login.');
  return principal;
});
