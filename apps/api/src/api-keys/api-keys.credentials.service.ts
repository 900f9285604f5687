import { type Cache, Caches } from '@app/caching';
import { type Authenticator, invalidToken, type Principal } from '@app/http';
import { Injectable } from '@nestjs/common';
import { Credentials } from '../users/users.credentials.service';
import { ApiKey } from './api-key.entity';
import { ApiKeysRepository, type Grant } from './api-keys.repository';
import { digestOf, isWellFormed } from './api-keys.secret';
import { ApiKeyUses } from './api-keys.uses';

export { isKey } from './api-keys.secret';

@Injectable()
export class ApiKeyCredentials implements Authenticator {
  /** Not shared through Redis: whoever could write there could make himself a key. Made-up keys are known to be absent, too. */
  private readonly grants: Cache<Grant>;

  constructor(
    private readonly accounts: Credentials,
    private readonly uses: ApiKeyUses,
    rows: ApiKeysRepository,
    caches: Caches,
  ) {
    this.grants = caches.open<Grant>('api_key', { rowsOf: ApiKey, by: 'digest', ttl: '10m', load: rows.grants });
  }

  /** Whom a key acts for, with the key's rights and none of its owner's beyond those. */
  async authenticate(key: string): Promise<Principal> {
    const grant = isWellFormed(key) ? await this.grants.get(digestOf(key)) : undefined;
    const isGood = grant && Date.now() < grant.expiresAt && (await this.accounts.isActive(grant.ownerId));
    if (!isGood) return refuseKey();
    this.uses.note(grant.id);
    return { id: grant.ownerId, isAdmin: false, scopes: grant.scopes };
  }
}

/** In the same words whatever the reason: there is one thing to do, which is to make another key. */
function refuseKey(): never {
  return invalidToken('The key is unknown, expired, deleted or of an account that is not active.', {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
}
