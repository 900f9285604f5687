// What readers, writers and faults of one run share.
import type { Client } from 'pg';
import { AccessTokens } from '../../apps/api/src/auth/auth.tokens';
import { Keyring } from '../../apps/api/src/signing-keys/signing-keys.keyring';
import type { StoredKey } from '../../apps/api/src/signing-keys/signing-keys.repository';
import type { Catalogue } from './catalogue';
import type { Instance } from './instance';
import type { Servers } from './servers';
import type { Slot } from './slots';
import type { Tally } from './tally';

export interface World {
  readonly servers: Servers;
  readonly instances: readonly Instance[];
  readonly catalogue: Catalogue;
  /** Those that were given up are replaced. */
  readonly slots: Slot[];
  readonly passes: Passes;
  /** Of the phase that runs. */
  tally: Tally;
  isOver: boolean;
}

const RENEWED_AFTER_MS = 4 * 60_000;

/** Access tokens, signed here with the key of the instances: what a login would give. */
export class Passes {
  private readonly headers = new Map<string, { readonly text: string; readonly madeAt: number }>();

  private constructor(private readonly tokens: AccessTokens) {}

  /** @param secret of the instances, the first of which has made the key */
  static async open(client: Client, secret: string): Promise<Passes> {
    const { rows } = await client.query<StoredKey>(
      'SELECT id, sealed, signs_from AS "signsFrom", ends_at AS "endsAt" FROM signing_keys',
    );
    const signer = Keyring.open(rows, secret).signer();
    if (!signer) throw new Error('The instances have made no signing key.');
    const keys = { signer: async () => signer, verifier: async () => signer.publicKey };
    return new Passes(new AccessTokens(keys));
  }

  /** Makes or renews those that are old; to be called more often than tokens expire. */
  async renew(ids: readonly string[]): Promise<void> {
    const now = performance.now();
    for (const id of ids) {
      const known = this.headers.get(id);
      if (known && now - known.madeAt < RENEWED_AFTER_MS) continue;
      this.headers.set(id, {
        text: `Bearer ${await this.tokens.issue({ id, tokenGeneration: 1, sessionId: id })}`,
        madeAt: now,
      });
    }
  }

  /** The `Authorization` header of an account. */
  of({ id }: { readonly id: string }): string {
    return this.headers.get(id)?.text ?? '';
  }
}
