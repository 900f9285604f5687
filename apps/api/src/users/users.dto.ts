import { choice, Field, flag, identifier, moment, partialOf, type Rule, text, wholeNumber } from '@app/http';
import type { AccountRow, Role, Status } from './user.entity';
import { DEMO_USER } from './users.demo';
import { isKnownPassword } from './users.known-passwords';

/** What HTML's `<input type="email">` accepts, with a domain that could be public and a local part of atoms (RFC 5322). */
const ADDRESS =
  /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]$/;
const address = text({ max: 254, pattern: ADDRESS, expected: 'an e-mail address', format: 'email' });
const trimmed = (value: unknown) => (typeof value === 'string' ? value.trim() : value);

/** One address has one spelling: trimmed, in lower case. */
export const email: Rule = {
  ...address,
  faults: (value) => address.faults(trimmed(value)),
  normalize: (value) => (trimmed(value) as string).toLowerCase(),
};
/** For a password that is being set; one that is only compared may be as short as it likes. */
const longEnough = text({ min: 8, max: 128, format: 'password', writeOnly: true });
const GUESSED_FIRST = { code: 'too_common', detail: 'must not be one of those that are guessed first' };
export const newPassword: Rule = {
  ...longEnough,
  faults(value) {
    const faults = longEnough.faults(value);
    return faults.length === 0 && isKnownPassword(value as string) ? [GUESSED_FIRST] : faults;
  },
};
export const givenPassword = text({ min: 1, max: 128, format: 'password', writeOnly: true });
const displayName = text({ min: 1, max: 100, pattern: /\S/, expected: 'more than blanks' });
export const role = choice(['user', 'admin']);
/** A deleted account is shown nowhere. */
export const status = choice(['active', 'disabled']);

const MOMENT = { example: '2026-01-31T12:00:00.000Z' };

export class NewAccount {
  @Field(email, { example: 'new.trader@floodgate.example', description: 'Unique; kept in lower case.' })
  email!: string;

  @Field(newPassword, {
    example: 'a sentence is a good password',
    description: 'Any characters, but none of the most used passwords.',
  })
  password!: string;

  @Field(displayName, { example: 'New Trader', description: 'Public.' })
  displayName!: string;
}

/** A merge patch (RFC 7396) of the own account. */
export class ProfileChanges {
  @Field(displayName, { optional: true, example: 'Demo Trader & Sons' })
  displayName?: string;

  @Field(email, {
    optional: true,
    example: DEMO_USER.email,
    description:
      'Another one needs the current password, and is `pendingEmail` until it is confirmed by the mail that goes there. The present one ' +
      'takes that back.',
  })
  email?: string;

  @Field(givenPassword, {
    optional: true,
    example: DEMO_USER.password,
    description: 'Needed to change the e-mail address.',
  })
  currentPassword?: string;
}

export class PasswordChange {
  @Field(givenPassword, { example: DEMO_USER.password })
  currentPassword!: string;

  /** The demo account keeps its password, however often the example is tried. */
  @Field(newPassword, { example: DEMO_USER.password })
  newPassword!: string;
}

export class AccountDeletion {
  @Field(givenPassword, { example: DEMO_USER.password })
  currentPassword!: string;
}

class Standing {
  @Field(role, { example: 'user' })
  role!: Role;

  @Field(status, { example: 'active' })
  status!: Exclude<Status, 'deleted'>;
}

/** A merge patch (RFC 7396) of what an administrator may change. */
export class StandingChanges extends partialOf(Standing) {}

export class PublicProfile {
  @Field(identifier(), { example: DEMO_USER.id })
  id!: string;

  @Field(displayName, { example: DEMO_USER.displayName })
  displayName!: string;

  @Field(moment(), MOMENT)
  createdAt!: string;
}

export class Account {
  @Field(identifier(), { example: DEMO_USER.id, description: 'UUIDv7.' })
  id!: string;

  @Field(email, { example: DEMO_USER.email })
  email!: string;

  @Field(flag(), { example: true, description: 'Whether the address was proved to be the owner’s.' })
  emailVerified!: boolean;

  @Field(email, {
    nullable: true,
    example: null,
    description: 'The address that takes the place of `email` once it is confirmed; null unless one was asked for.',
  })
  pendingEmail!: string | null;

  @Field(displayName, { example: DEMO_USER.displayName })
  displayName!: string;

  @Field(role, { example: 'user' })
  role!: Role;

  @Field(status, { example: 'active' })
  status!: Status;

  @Field(wholeNumber({ min: 1, max: 2_147_483_647 }), { description: 'Grows with each change.', example: 1 })
  version!: number;

  @Field(moment(), MOMENT)
  createdAt!: string;

  @Field(moment(), MOMENT)
  updatedAt!: string;
}

export const toPublicProfile = ({ id, displayName: name, createdAt }: AccountRow): PublicProfile => ({
  id,
  displayName: name,
  createdAt: createdAt.toISOString(),
});

/** Column by column, so that a column that is added stays private until it is listed here. */
export const toAccount = (row: AccountRow): Account => ({
  id: row.id,
  email: row.email as string,
  emailVerified: row.emailVerifiedAt !== null,
  pendingEmail: row.pendingEmail,
  displayName: row.displayName,
  role: row.role,
  status: row.status,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
