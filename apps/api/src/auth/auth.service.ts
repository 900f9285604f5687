import {
  type Authenticator,
  type Browser,
  defineProblem,
  invalidToken,
  loginRequired,
  type Principal,
  type Refusal,
  sessionRequired,
} from '@app/http';
import { Injectable } from '@nestjs/common';
import { ApiKeyCredentials, isKey } from '../api-keys/api-keys.credentials.service';
import { type OpenSession, Sessions } from '../sessions/sessions.service';
import { Credentials } from '../users/users.credentials.service';
import { RefreshCookie } from './auth.cookie';
import type { AccessGrant, LoginForm, RefreshForm, TokenGrant } from './auth.dto';
import { invalidGrant, readTokenForm, refuseGrant } from './auth.form';
import { ACCESS_TOKEN_SECONDS, AccessTokens } from './auth.tokens';

export const invalidCredentials: Refusal = defineProblem({
  status: 401,
  code: 'invalid_credentials',
  title: 'E-mail address or password is wrong',
});
/** The same whether it is unknown, expired, used before or of a disabled account: there is one thing to do, which is to log in. */
export const invalidRefreshToken: Refusal = defineProblem({
  status: 401,
  code: 'invalid_refresh_token',
  title: 'The refresh token is not valid, or not any more',
});

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

@Injectable()
export class AuthService implements Authenticator {
  constructor(
    private readonly credentials: Credentials,
    private readonly sessions: Sessions,
    private readonly tokens: AccessTokens,
    private readonly cookie: RefreshCookie,
    private readonly apiKeys: ApiKeyCredentials,
  ) {}

  async logIn({ email, password, refreshTokenIn }: LoginForm, browser: Browser): Promise<AccessGrant> {
    const isForPage = refreshTokenIn === 'cookie';
    if (isForPage) this.cookie.verifyOrigin(browser);
    const tokens =
      (await this.byPassword(email, password, browser)) ??
      invalidCredentials('No active account has this e-mail address and password.', CHALLENGE);
    return this.granted(tokens, isForPage && browser);
  }

  async refresh({ refreshToken }: RefreshForm, browser: Browser): Promise<AccessGrant> {
    const given =
      refreshToken ??
      this.cookie.read(browser) ??
      invalidRefreshToken('There is none in the body and no cookie.', CHALLENGE);
    const isKept = refreshToken === undefined;
    const tokens = await this.byRefreshToken(given);
    if (tokens) return this.granted(tokens, isKept && browser);
    // It would come again with every request, for as long as it could have lived.
    if (isKept) this.cookie.remove(browser);
    return invalidRefreshToken('Log in again.', CHALLENGE);
  }

  async issueToken(given: Record<string, unknown> | undefined, browser: Browser): Promise<TokenGrant> {
    const form = readTokenForm(given);
    const tokens =
      form.grant_type === 'password'
        ? ((await this.byPassword(form.username, form.password, browser)) ??
          refuseGrant(invalidGrant, 'No active account has this e-mail address and password.'))
        : ((await this.byRefreshToken(form.refresh_token)) ??
          refuseGrant(invalidGrant, 'The refresh token is not valid, or not any more: log in again.'));
    return {
      access_token: tokens.accessToken,
      token_type: 'Bearer',
      expires_in: ACCESS_TOKEN_SECONDS,
      refresh_token: tokens.refreshToken,
    };
  }

  /** Ends the session that the request names: by a refresh token in its body or cookie, else by its access token. */
  async logOut({ refreshToken }: RefreshForm, accessToken: string | undefined, browser: Browser): Promise<void> {
    const kept = refreshToken === undefined && browser.sendsJson ? this.cookie.read(browser) : undefined;
    const given = refreshToken ?? kept;
    if (kept !== undefined) this.cookie.remove(browser);
    if (given !== undefined) return this.sessions.endOf(given);
    const { id, sessionId } = await this.authenticate(
      accessToken ?? loginRequired('Send a refresh token, or an access token as `Authorization: Bearer …`.', CHALLENGE),
    );
    await this.sessions.end(sessionId ?? sessionRequired('A key has no session: delete it instead.'), id);
  }

  /** Asks the database only about tokens that are ours; then always, so that what an account may do is never out of date. */
  async authenticate(token: string): Promise<Principal> {
    if (isKey(token)) return this.apiKeys.authenticate(token);
    const subject = (await this.tokens.verify(token)) ?? refuseToken();
    const { id, sessionId } = subject;
    const [principal, isOpen] = await Promise.all([
      this.credentials.findPrincipal(subject),
      this.sessions.isOpen(sessionId, id),
    ]);
    return principal && isOpen ? { ...principal, sessionId } : refuseToken();
  }

  private async byPassword(
    email: string,
    password: string,
    { userAgent, address }: Browser,
  ): Promise<Tokens | undefined> {
    const login = await this.credentials.findLogin(email, password, address);
    return login && this.tokensOf(await this.sessions.begin(login, userAgent));
  }

  private async byRefreshToken(refreshToken: string): Promise<Tokens | undefined> {
    const session = await this.sessions.renew(refreshToken);
    if (!session) return undefined;
    const { id, owner } = session;
    // Who is disabled meanwhile has to log in again once he is not.
    if (!(await this.credentials.findPrincipal(owner))) return void (await this.sessions.end(id, owner.id));
    return this.tokensOf(session);
  }

  private async tokensOf({ id: sessionId, owner, refreshToken }: OpenSession): Promise<Tokens> {
    return { accessToken: await this.tokens.issue({ ...owner, sessionId }), refreshToken };
  }

  /** @param page the browser that keeps the refresh token in its cookie */
  private granted({ accessToken, refreshToken }: Tokens, page: Browser | false): AccessGrant {
    if (page) this.cookie.keep(page, refreshToken);
    const grant: AccessGrant = { accessToken, tokenType: 'Bearer', expiresIn: ACCESS_TOKEN_SECONDS };
    return page ? grant : { ...grant, refreshToken };
  }
}

const CHALLENGE = { headers: { 'www-authenticate': 'Bearer' } };

function refuseToken(): never {
  return invalidToken('Log in again.', { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } });
}
