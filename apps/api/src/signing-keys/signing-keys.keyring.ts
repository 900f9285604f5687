// Key pairs as they are stored and as they are used; which of them signs and which still verify is told by the clock alone.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { seal, type Sealing, unseal } from '@app/sealing';
import { calculateJwkThumbprint } from 'jose';
import type { PublicKey } from './signing-keys.dto';
import type { NewKey, StoredKey } from './signing-keys.repository';

export interface KeyPair {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly signsFrom: Date;
  readonly endsAt: Date | null;
}

export class Keyring {
  private constructor(
    /** The newest first. */
    private readonly pairs: readonly KeyPair[],
    /** Some of the stored keys were sealed under another secret. */
    readonly isForeign: boolean,
  ) {}

  static open(stored: readonly StoredKey[], secret: string): Keyring {
    const pairs = stored.flatMap((key) => opened(key, secret) ?? []);
    return new Keyring(pairs, pairs.length < stored.length);
  }

  /** The newest whose time has come; else the one that comes first. Undefined: there is none. */
  signer(now = Date.now()): KeyPair | undefined {
    const living = this.living(now);
    return living.find(({ signsFrom }) => signsFrom.getTime() <= now) ?? living.at(-1);
  }

  /** What verifies tokens that name this key; undefined when there is no such key, or not any more. */
  verifier(id: string, now = Date.now()): KeyObject | undefined {
    return this.living(now).find((pair) => pair.id === id)?.publicKey;
  }

  /** Those that have signed valid tokens, and those that will sign. */
  published(now = Date.now()): PublicKey[] {
    return this.living(now).map(({ id, publicKey }) => ({ ...jwkOf(publicKey), kid: id, alg: 'EdDSA', use: 'sig' }));
  }

  private living(now: number): KeyPair[] {
    return this.pairs.filter(({ endsAt }) => endsAt === null || now < endsAt.getTime());
  }
}

/** A new pair. */
export async function newKey(secret: string): Promise<NewKey> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const id = await calculateJwkThumbprint(jwkOf(publicKey));
  return { id, sealed: seal(privateKey.export({ format: 'der', type: 'pkcs8' }), sealing(id, secret)) };
}

/** Undefined if it was sealed under another secret. Nobody who can only write to the database can make one that opens. */
function opened({ id, sealed, signsFrom, endsAt }: StoredKey, secret: string): KeyPair | undefined {
  const key = unseal(sealed, sealing(id, secret));
  if (!key) return undefined;
  const privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  return { id, privateKey, publicKey: createPublicKey(privateKey), signsFrom, endsAt };
}

const sealing = (id: string, secret: string): Sealing => ({ under: secret, purpose: 'signing key', of: id });

const jwkOf = (key: KeyObject): Pick<PublicKey, 'kty' | 'crv' | 'x'> =>
  key.export({ format: 'jwk' }) as Pick<PublicKey, 'kty' | 'crv' | 'x'>;
