import { type Authenticator, defineProblem, invalidToken, type Principal, type Refusal } from '@app/http';
import { Injectable } from '@nestjs/common';
import { Credentials } from '../users/users.credentials.service';
import type { AccessGrant, LoginForm, TokenGrant } from './auth.dto';
import { invalidGrant, readTokenForm, refuseGrant } from './auth.form';
import { ACCESS_TOKEN_SECONDS, AccessTokens } from './auth.tokens';

export const invalidCredentials: Refusal = defineProblem({
  status: 401,
  code: 'invalid_credentials',
  title: 'E-mail address or password is wrong',
});

@Injectable()
export class AuthService implements Authenticator {
  constructor(
    private readonly credentials: Credentials,
    private readonly tokens: AccessTokens,
  ) {}

  async logIn({ email, password }: LoginForm): Promise<AccessGrant> {
    const login =
      (await this.credentials.findLogin(email, password)) ??
      invalidCredentials('No active account has this e-mail address and password.', {
        headers: { 'www-authenticate': 'Bearer' },
      });
    return { accessToken: await this.tokens.issue(login), tokenType: 'Bearer', expiresIn: ACCESS_TOKEN_SECONDS };
  }

  async issueToken(form: Record<string, unknown> | undefined): Promise<TokenGrant> {
    const { username, password } = readTokenForm(form);
    const login =
      (await this.credentials.findLogin(username, password)) ??
      refuseGrant(invalidGrant, 'No active account has this e-mail address and password.');
    return { access_token: await this.tokens.issue(login), token_type: 'Bearer', expires_in: ACCESS_TOKEN_SECONDS };
  }

  /** Asks the database only about tokens that are ours; then always, so that what an account may do is never out of date. */
  async authenticate(token: string): Promise<Principal> {
    const subject = await this.tokens.verify(token).catch((cause: unknown) => refuseToken(cause));
    return (await this.credentials.findPrincipal(subject)) ?? refuseToken();
  }
}

function refuseToken(cause?: unknown): never {
  return invalidToken('Log in again.', { headers: { 'www-authenticate': 'Bearer error="invalid_token"' }, cause });
}
