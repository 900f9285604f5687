import { choice, Field, text, wholeNumber } from '@app/http';
import { DEMO_USER, email, givenPassword } from '../users/users.service';
import { ACCESS_TOKEN_SECONDS } from './auth.tokens';

const token = text({ min: 1, max: 2_000 });
const tokenType = choice(['Bearer']);
const lifetime = wholeNumber({ min: 1, max: ACCESS_TOKEN_SECONDS });
const ignored = text({ max: 1_000 });

const TOKEN = { description: 'A JWT; send it as `Authorization: Bearer …`.' };
const LIFETIME = { description: 'Seconds.', example: ACCESS_TOKEN_SECONDS };

export class LoginForm {
  @Field(email, { example: DEMO_USER.email })
  email!: string;

  @Field(givenPassword, { example: DEMO_USER.password })
  password!: string;
}

export class AccessGrant {
  @Field(token, TOKEN)
  accessToken!: string;

  @Field(tokenType)
  tokenType!: 'Bearer';

  @Field(lifetime, LIFETIME)
  expiresIn!: number;
}

/** RFC 6749, section 4.3.2; the names are the standard's. */
export class TokenForm {
  @Field(choice(['password']), { example: 'password' })
  grant_type!: 'password';

  @Field(email, { example: DEMO_USER.email, description: 'The e-mail address.' })
  username!: string;

  @Field(givenPassword, { example: DEMO_USER.password })
  password!: string;

  @Field(ignored, { optional: true, description: 'Ignored: there are no scopes.' })
  scope?: string;

  @Field(ignored, { optional: true, description: 'Ignored: every client may ask.' })
  client_id?: string;

  @Field(ignored, { optional: true, description: 'Ignored, like an `Authorization: Basic` header.' })
  client_secret?: string;
}

/** RFC 6749, section 5.1. */
export class TokenGrant {
  @Field(token, TOKEN)
  access_token!: string;

  @Field(tokenType)
  token_type!: 'Bearer';

  @Field(lifetime, LIFETIME)
  expires_in!: number;
}
