import type { ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { LoginGuard, type Principal } from './principal';
import type { Demand } from './scopes';

/** Sends whatever the principal is past the guard of a route. */
async function admitted(principal: Principal, method: string, demands?: Demand): Promise<Principal | undefined> {
  const request = {
    method,
    headers: { authorization: 'Bearer x' },
    routeOptions: { config: { operation: demands && { demands } } },
  } as unknown as FastifyRequest;
  const context = { switchToHttp: () => ({ getRequest: () => request }) } as unknown as ExecutionContext;
  const unlimited = { quotaOf: () => undefined, take: () => Promise.reject(new Error('There is no limit.')) };
  await new LoginGuard({ authenticate: () => Promise.resolve(principal) }, unlimited).canActivate(context);
  return request.principal;
}

const session: Principal = { id: 'ada', isAdmin: true };
const key: Principal = { ...session, scopes: ['read', 'write'] };

it.each<[demands: Demand | undefined]>([['login'], ['session'], ['admin'], [undefined]])(
  'who has logged in is let in where %s is demanded, as what he is',
  async (demands) => expect(await admitted(session, 'POST', demands)).toEqual(session),
);

it('a key is let in where a login is demanded, and is no administrator whatever it is said to be', async () => {
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
    expect(await admitted(key, method, 'login')).toEqual({ ...key, isAdmin: false });
});

it.each<[demands: Demand | undefined]>([['session'], ['admin'], [undefined]])(
  'a key is refused where %s is demanded',
  async (demands) => {
    for (const method of ['GET', 'POST'])
      await expect(admitted(key, method, demands)).rejects.toMatchObject({ definition: { code: 'session_required' } });
  },
);

it.each<[method: string, scope: 'read' | 'write']>([
  ['GET', 'read'],
  ['HEAD', 'read'],
  ['POST', 'write'],
  ['QUERY', 'write'],
  ['OPTIONS', 'write'],
])('%s needs the scope %s, and the other is not enough', async (method, scope) => {
  const other = scope === 'read' ? 'write' : 'read';
  expect(await admitted({ ...key, scopes: [scope] }, method, 'login')).toMatchObject({ id: 'ada' });
  await expect(admitted({ ...key, scopes: [other] }, method, 'login')).rejects.toMatchObject({
    definition: { code: 'insufficient_scope' },
    extra: { headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` } },
  });
  await expect(admitted({ ...key, scopes: [] }, method, 'login')).rejects.toThrow();
});
