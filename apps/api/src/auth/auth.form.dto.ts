import { choice, ChosenBy, Field, text } from '@app/http';
import { DEMO_USER, email, givenPassword } from '../users/users.service';
import { refreshToken } from './auth.dto';

const ignored = text({ max: 1_000 });
const EMAIL = { description: 'The e-mail address.', example: DEMO_USER.email };

/** What every client may send along. */
class ClientForm {
  @Field(ignored, { optional: true, description: 'Ignored: there are no scopes.' })
  scope?: string;

  @Field(ignored, { optional: true, description: 'Ignored: every client may ask.' })
  client_id?: string;

  @Field(ignored, { optional: true, description: 'Ignored, like an `Authorization: Basic` header.' })
  client_secret?: string;
}

/** RFC 6749, section 4.3.2; the names are the standard's. */
export class PasswordForm extends ClientForm {
  @Field(choice(['password']))
  grant_type!: 'password';

  @Field(email, EMAIL)
  username!: string;

  @Field(givenPassword)
  password!: string;
}

/** RFC 6749, section 6. */
export class RefreshTokenForm extends ClientForm {
  @Field(choice(['refresh_token']))
  grant_type!: 'refresh_token';

  @Field(refreshToken)
  refresh_token!: string;
}

/** Either form, for the API document. */
@ChosenBy('grant_type', { password: PasswordForm, refresh_token: RefreshTokenForm })
export class TokenForm extends ClientForm {
  @Field(choice(['password', 'refresh_token']), { description: 'What is given for the tokens.', example: 'password' })
  grant_type!: 'password' | 'refresh_token';

  @Field(email, { ...EMAIL, optional: true, description: 'The e-mail address; required with `password`.' })
  username?: string;

  @Field(givenPassword, { optional: true, description: 'Required with `password`.', example: DEMO_USER.password })
  password?: string;

  @Field(refreshToken, { optional: true, description: 'Required with `refresh_token`.' })
  refresh_token?: string;
}
