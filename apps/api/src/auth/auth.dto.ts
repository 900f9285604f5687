import { choice, Field, text, wholeNumber } from '@app/http';
import { DEMO_USER, email, givenPassword } from '../users/users.service';
import { ACCESS_TOKEN_SECONDS } from './auth.tokens';

const accessToken = text({ min: 1, max: 2_000 });
export const refreshToken = text({ min: 1, max: 2_000, writeOnly: true });
const tokenType = choice(['Bearer']);
const lifetime = wholeNumber({ min: 1, max: ACCESS_TOKEN_SECONDS });

const TOKEN = { description: 'A JWT; send it as `Authorization: Bearer …`.' };
const LIFETIME = { description: 'Seconds.', example: ACCESS_TOKEN_SECONDS };
const REFRESH =
  'Opaque; exchange it at `/v1/auth/refresh`, once. Ends after 7 days without use, or 30 days after the login.';

export class LoginForm {
  @Field(email, { example: DEMO_USER.email })
  email!: string;

  @Field(givenPassword, { example: DEMO_USER.password })
  password!: string;

  @Field(choice(['body', 'cookie']), {
    default: 'body',
    description: 'Web pages take `cookie`: then no script can read the refresh token.',
  })
  refreshTokenIn!: 'body' | 'cookie';
}

export class RefreshForm {
  @Field(refreshToken, { optional: true, description: 'Absent: the one in the cookie.' })
  refreshToken?: string;
}

export class AccessGrant {
  @Field(accessToken, TOKEN)
  accessToken!: string;

  @Field(tokenType)
  tokenType!: 'Bearer';

  @Field(lifetime, LIFETIME)
  expiresIn!: number;

  @Field(text({ min: 1, max: 2_000 }), { optional: true, description: `${REFRESH} Absent when it is in the cookie.` })
  refreshToken?: string;
}

/** RFC 6749, section 5.1. */
export class TokenGrant {
  @Field(accessToken, TOKEN)
  access_token!: string;

  @Field(tokenType)
  token_type!: 'Bearer';

  @Field(lifetime, LIFETIME)
  expires_in!: number;

  @Field(text({ min: 1, max: 2_000 }), { description: REFRESH })
  refresh_token!: string;
}
