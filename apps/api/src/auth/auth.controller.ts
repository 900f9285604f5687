import { busy, Operation } from '@app/http';
import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AccessGrant, LoginForm, TokenForm, TokenGrant } from './auth.dto';
import { invalidGrant, invalidTokenRequest, unsupportedGrantType } from './auth.form';
import { AuthService, invalidCredentials } from './auth.service';

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
    isUnstored: true,
    refuses: [invalidCredentials, busy],
  })
  logIn(@Body() form: LoginForm): Promise<AccessGrant> {
    return this.auth.logIn(form);
  }

  @Post('token')
  @Operation({
    summary: 'Log in with an OAuth 2 password form',
    description: 'For clients that speak OAuth 2, such as *Authorize* on this page; RFC 6749, section 4.3.',
    consumes: ['application/x-www-form-urlencoded'],
    body: TokenForm,
    answers: TokenGrant,
    status: 200,
    isUnstored: true,
    refuses: [invalidTokenRequest, invalidGrant, unsupportedGrantType, busy],
  })
  issueToken(@Body() form: Record<string, unknown> | undefined): Promise<TokenGrant> {
    return this.auth.issueToken(form);
  }
}
