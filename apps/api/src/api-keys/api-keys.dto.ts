import { choice, Field, identifier, listOf, moment, objectOf, type Rule, type Scope, SCOPES, text } from '@app/http';
import { DEMO_USER, givenPassword } from '../users/users.service';
import type { ListedKey } from './api-keys.repository';
import { MAX_LIFETIME_MS, MAX_KEYS } from './api-keys.rules';

const name = text({ min: 1, max: 100, pattern: /\S/, expected: 'more than blanks' });
const scopes = listOf(choice(SCOPES), { min: 1, max: SCOPES.length, dedupe: true });
const prefix = text({ max: 11 });
const time = moment();

const DAYS = MAX_LIFETIME_MS / 86_400_000;

/** A time that a key may end at, counted from when it is asked for. */
const end: Rule = {
  ...time,
  faults(value) {
    const faults = time.faults(value);
    const inMs = Date.parse(String(value)) - Date.now();
    if (faults.length > 0 || (inMs > 0 && inMs <= MAX_LIFETIME_MS)) return faults;
    return [{ code: 'out_of_range', detail: `must be in the future, and at most ${DAYS} days from now` }];
  },
};

const SCOPES_OF_KEY = '`read` for what is read, `write` for all else; neither includes the other.';

export class NewApiKey {
  @Field(name, { example: 'Nightly import' })
  name!: string;

  @Field(scopes, { example: ['read', 'write'], description: SCOPES_OF_KEY })
  scopes!: Scope[];

  @Field(end, {
    optional: true,
    nullable: true,
    example: null,
    description: `In the future, at most ${DAYS} days from now; which it is if this is null or left out.`,
  })
  expiresAt?: string | null;

  @Field(givenPassword, { example: DEMO_USER.password, description: 'Of the account: a stolen login makes no key.' })
  currentPassword!: string;
}

export class ApiKeyView {
  @Field(identifier(), { example: '01980a6e-5d5a-7c3e-8a52-3f1d2c4b5a69' })
  id!: string;

  @Field(name, { example: 'Nightly import' })
  name!: string;

  @Field(prefix, { example: 'fg_3kT9aQx2', description: 'What the key begins with.' })
  prefix!: string;

  @Field(scopes, { example: ['read', 'write'], description: SCOPES_OF_KEY })
  scopes!: Scope[];

  @Field(time, { example: '2026-01-31T12:00:00.000Z' })
  createdAt!: string;

  @Field(time, { example: '2027-01-31T12:00:00.000Z', description: 'From then on it is worth nothing.' })
  expiresAt!: string;

  @Field(time, {
    nullable: true,
    example: '2026-02-01T03:00:00.000Z',
    description: 'To the minute, and it may lag behind by two; null if it never was.',
  })
  lastUsedAt!: string | null;
}

export class IssuedApiKey extends ApiKeyView {
  @Field(text({ max: 53 }), {
    example: 'fg_3kT9aQx2mB7cLw0RzYv5NfHs8PdKj1GtUe4XoViWn6q1a2b3c4',
    description: 'The key, this once: send it as `Authorization: Bearer fg_…`.',
  })
  key!: string;
}

export class ApiKeyList {
  @Field(listOf(objectOf(ApiKeyView), { max: MAX_KEYS }), { description: 'Newest first.' })
  data!: ApiKeyView[];
}

/** Column by column, so that a column that is added stays private until it is listed here. */
export const toApiKeyView = (row: ListedKey): ApiKeyView => ({
  id: row.id,
  name: row.name,
  prefix: row.prefix,
  scopes: row.scopes,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
});
