import { Field, text } from '@app/http';
import { DEMO_USER, email, newPassword } from '../users/users.service';

const token = text({ min: 1, max: 200, writeOnly: true });
const TOKEN = { example: 'p7Lw0c1r8vX2hQ5nZt4yKd9sGm3bJf6uAe1iOoRkVxE', description: 'From the mail.' };

export class PasswordResetRequest {
  @Field(email, { example: DEMO_USER.email })
  email!: string;
}

export class PasswordReset {
  @Field(token, TOKEN)
  token!: string;

  @Field(newPassword, { example: DEMO_USER.password })
  newPassword!: string;
}

export class EmailConfirmation {
  @Field(token, TOKEN)
  token!: string;
}
