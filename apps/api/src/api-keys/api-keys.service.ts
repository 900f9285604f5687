import { defineProblem, invalidToken, type Principal, type Refusal } from '@app/http';
import { Telemetry } from '@app/telemetry';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Credentials } from '../users/users.credentials.service';
import { type ApiKeyList, type IssuedApiKey, type NewApiKey, toApiKeyView } from './api-keys.dto';
import { ApiKeysRepository } from './api-keys.repository';
import { MAX_KEYS, MAX_LIFETIME_MS } from './api-keys.rules';
import { digestOf, makeKey, prefixOf } from './api-keys.secret';

export const apiKeyNotFound: Refusal = defineProblem({
  status: 404,
  code: 'api_key_not_found',
  title: 'There is no such API key',
});
export const tooManyApiKeys: Refusal = defineProblem({
  status: 409,
  code: 'too_many_api_keys',
  title: 'The account has as many API keys as it may have',
});

@Injectable()
export class ApiKeysService {
  constructor(
    private readonly rows: ApiKeysRepository,
    private readonly accounts: Credentials,
    private readonly telemetry: Telemetry,
  ) {}

  async list({ id }: Principal): Promise<ApiKeyList> {
    return { data: (await this.rows.list(id)).map(toApiKeyView) };
  }

  /** The only time that the key is told. */
  async create(caller: Principal, { name, scopes, expiresAt, currentPassword }: NewApiKey): Promise<IssuedApiKey> {
    const owner = await this.accounts.verifyOwner(caller, currentPassword);
    const { id: ownerId } = owner;
    const key = makeKey();
    const row = {
      id: uuidv7(),
      ownerId,
      name,
      scopes,
      prefix: prefixOf(key),
      digest: digestOf(key),
      expiresAt: new Date(expiresAt ?? Date.now() + MAX_LIFETIME_MS),
    };
    // One after the other: two at once must not both be the last that is allowed, nor a key be left to an account that is being deleted or secured.
    const issued = await this.accounts.whileActive(
      owner,
      async () => (await this.rows.insert(row, MAX_KEYS)) ?? tooManyApiKeys(`Delete one: ${MAX_KEYS} are the most.`),
    );
    const view = toApiKeyView(issued ?? refuseEnded());
    this.telemetry.emit('key.created', { accountId: ownerId, keyId: row.id, scopes });
    return { ...view, key };
  }

  async remove({ id: ownerId }: Principal, id: string): Promise<void> {
    if (!(await this.rows.delete(id, ownerId))) apiKeyNotFound(`The account has no API key with the id ${id}.`);
    this.telemetry.emit('key.deleted', { accountId: ownerId, keyId: id });
  }

  /** For an account that has to be secured: whoever had it may have made some. */
  removeAllOf(ownerId: string): Promise<void> {
    return this.rows.deleteAllOf(ownerId);
  }
}

/** The account has come to its end since the caller was let in. */
function refuseEnded(): never {
  return invalidToken('Log in again.', { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } });
}
