// What a key may do that acts for its owner: what its scopes say, and never what demands that the owner has logged in.
import { insufficientScope, sessionRequired } from './problems';

/** `read` is for safe methods, `write` for all others; neither includes the other. */
export const SCOPES = ['read', 'write'] as const;
export type Scope = (typeof SCOPES)[number];

export type Demand = 'login' | 'session' | 'admin';

/** By the method, since HTTP defines which are safe (RFC 9110, section 9.2.1): an operation has nothing to say, and nothing to forget. */
export const scopeOf = (method: string): Scope => (/^(?:get|head)$/i.test(method) ? 'read' : 'write');

/** Refuses a key that lacks the scope, or that knocks where keys have no business; a route that says nothing is such a place. */
export function verifyScopes(scopes: readonly Scope[], method: string, demands: Demand | undefined): void {
  if (demands !== 'login') sessionRequired('Log in, and send the access token instead of the key.');
  const scope = scopeOf(method);
  if (scopes.includes(scope)) return;
  insufficientScope(`The key needs the scope ${scope}.`, {
    headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
  });
}
