// Counts the requests of limited routes: by address before anything is read, by principal as soon as it is known.
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from './caller-address';
import { allowanceField, type LimitName, limitOf, LIMITS, type Limits, policyField } from './limits';
import { tooManyRequests } from './problems';

/** Before admission, so that what it refuses is counted, too. */
export function limitAddresses(fastify: FastifyInstance, limits: Limits): void {
  fastify.addHook('onRequest', async (request, reply) => {
    const { operation } = request.routeOptions.config;
    const name = operation && limitOf(operation, request.method);
    const quota = name && limits.quotaOf(name);
    if (!quota) return;
    void reply.header('ratelimit-policy', policyField(name, quota));
    if (operation.demands === undefined) await count(limits, name, callerOf(request), reply);
  });
}

@Injectable()
export class PrincipalLimit implements CanActivate {
  constructor(@Inject(LIMITS) private readonly limits: Limits) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { principal, routeOptions, method } = context.switchToHttp().getRequest<FastifyRequest>();
    const { operation } = routeOptions.config;
    const name = operation && limitOf(operation, method);
    if (principal && name && this.limits.quotaOf(name))
      await count(this.limits, name, principal.id, context.switchToHttp().getResponse<FastifyReply>());
    return true;
  }
}

/** Of a request that demands a login and has none, or none that is good: it counts for its address, like those that demand none. */
export async function countStranger(limits: Limits, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { operation } = request.routeOptions.config;
  const name = operation && limitOf(operation, request.method);
  if (name && limits.quotaOf(name)) await count(limits, name, callerOf(request), reply);
}

async function count(limits: Limits, name: LimitName, caller: string, reply: FastifyReply): Promise<void> {
  const allowance = await limits.take(name, caller);
  void reply.header('ratelimit', allowanceField(name, allowance));
  if (allowance.isExceeded) refuse(allowance.resetSeconds);
}

const refuse = (seconds: number): never =>
  tooManyRequests(`Ask again in ${seconds} s.`, { headers: { 'retry-after': String(seconds) } });
