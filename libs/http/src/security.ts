// How callers say who they are, in the API document: the schemes that there are, and those that an operation takes.
import { type Demand, scopeOf } from './scopes';

export interface SecuritySettings {
  /** Path of the OAuth 2 password form. */
  readonly tokenUrl: string;
  /** What a key is, and where it comes from. */
  readonly keys: string;
}

export const securitySchemes = ({ tokenUrl, keys }: SecuritySettings): object => ({
  password: {
    type: 'oauth2',
    description: 'Log in with e-mail and password.',
    flows: { password: { tokenUrl, refreshUrl: tokenUrl, scopes: {} } },
  },
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'An access token of `/v1/auth/login`.',
  },
  apiKey: { type: 'http', scheme: 'bearer', description: keys },
});

/** Any one of them suffices. A key's list names the scopes that it needs, as OpenAPI 3.1 has it for schemes other than OAuth 2. */
export function securityOf(method: string, demands: Demand | undefined): Record<string, string[]>[] {
  if (demands === undefined) return [];
  const login: Record<string, string[]>[] = [{ password: [] }, { bearer: [] }];
  return demands === 'login' ? [...login, { apiKey: [scopeOf(method)] }] : login;
}
