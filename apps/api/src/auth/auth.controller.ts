import {
  BearerToken,
  type Browser,
  busy,
  FromBrowser,
  invalidToken,
  loginRequired,
  Operation,
  sessionRequired,
} from '@app/http';
import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { originNotAllowed } from './auth.cookie';
import { AccessGrant, LoginForm, RefreshForm, TokenGrant } from './auth.dto';
import { invalidGrant, invalidTokenRequest, unsupportedGrantType } from './auth.form';
import { TokenForm } from './auth.form.dto';
import { AuthService, invalidCredentials, invalidRefreshToken } from './auth.service';

@ApiTags('auth')
@Controller('v1/auth')
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  @Post('login')
  @Operation({
    summary: 'Log in',
    description: 'A disabled account is answered like a wrong password.',
    answers: AccessGrant,
    status: 200,
    setsCookie: true,
    refuses: [invalidCredentials, originNotAllowed, busy],
  })
  logIn(@Body() form: LoginForm, @FromBrowser() browser: Browser): Promise<AccessGrant> {
    return this.auth.logIn(form, browser);
  }

  @Post('token')
  @Operation({
    summary: 'Log in or refresh with an OAuth 2 form',
    description: 'For clients that speak OAuth 2, such as *Authorize* on this page; RFC 6749, sections 4.3 and 6.',
    consumes: ['application/x-www-form-urlencoded'],
    body: TokenForm,
    answers: TokenGrant,
    status: 200,
    refuses: [invalidTokenRequest, invalidGrant, unsupportedGrantType, busy],
  })
  issueToken(@Body() form: Record<string, unknown> | undefined, @FromBrowser() browser: Browser): Promise<TokenGrant> {
    return this.auth.issueToken(form, browser);
  }

  @Post('refresh')
  @Operation({
    summary: 'Get new tokens for a refresh token',
    description:
      'Each refresh token is good for one use; the answer has the next one. Within 10 seconds the same one is given again, for a ' +
      'lost answer or a second tab. Used later it ends the session, since it is in two hands. Web pages send `{}` and the cookie.',
    answers: AccessGrant,
    status: 200,
    setsCookie: true,
    limit: 'write',
    refuses: [invalidRefreshToken, originNotAllowed],
  })
  refresh(@Body() form: RefreshForm, @FromBrowser() browser: Browser): Promise<AccessGrant> {
    return this.auth.refresh(form, browser);
  }

  @Post('logout')
  @Operation({
    summary: 'Log out',
    description:
      'Ends the session of the refresh token in the body or in the cookie, else that of the access token. Its access tokens are worth ' +
      'nothing from now on. A refresh token that is of no session is no error. Web pages send `{}` and the cookie.',
    isBodyOptional: true,
    setsCookie: true,
    limit: 'write',
    refuses: [loginRequired, invalidToken, sessionRequired, originNotAllowed],
  })
  logOut(
    @Body() form: RefreshForm,
    @BearerToken() accessToken: string | undefined,
    @FromBrowser() browser: Browser,
  ): Promise<void> {
    return this.auth.logOut(form, accessToken, browser);
  }
}
