import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, jwtVerify, SignJWT } from 'jose';

export const ACCESS_TOKEN_SECONDS = 600;

const ISSUER = 'floodgate';
const AUDIENCE = 'floodgate-api';
const ALGORITHM = 'EdDSA';
/** RFC 9068: no other kind of token that this service may ever sign passes for an access token. */
const TYPE = 'at+jwt';

/** What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410, section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

export interface TokenSubject {
  readonly id: string;
  readonly tokenGeneration: number;
}

/** The key pair that belongs to a secret: every instance that has the secret makes the same one. */
export function signingKeys(secret: string): { privateKey: KeyObject; publicKey: KeyObject } {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'access token signature', 32));
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

/** Tokens whose signature need not be checked again; those that are refused are not remembered. */
const MAX_VERIFIED = 10_000;

interface Verified {
  readonly subject: TokenSubject;
  readonly expiresAtMs: number;
}

export class AccessTokens {
  /** In the order in which they were first seen. */
  private readonly verified = new Map<string, Verified>();

  private constructor(
    private readonly keys: ReturnType<typeof signingKeys>,
    private readonly keyId: string,
  ) {}

  static async of(secret: string): Promise<AccessTokens> {
    const keys = signingKeys(secret);
    return new AccessTokens(keys, await calculateJwkThumbprint(await exportJWK(keys.publicKey)));
  }

  issue({ id, tokenGeneration }: TokenSubject): Promise<string> {
    return new SignJWT({ gen: tokenGeneration })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: this.keyId })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(id)
      .setIssuedAt()
      .setExpirationTime(`${ACCESS_TOKEN_SECONDS}s`)
      .setJti(randomUUID())
      .sign(this.keys.privateKey);
  }

  /** Rejects unless the token is one of ours and has not expired. The algorithm is ours to choose, never the token's. */
  async verify(token: string): Promise<TokenSubject> {
    const known = this.verified.get(token);
    if (known && Date.now() < known.expiresAtMs) return known.subject;
    this.verified.delete(token);
    const { payload } = await jwtVerify<{ sub: string; gen: number; exp: number }>(token, this.keys.publicKey, {
      algorithms: [ALGORITHM],
      typ: TYPE,
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['sub', 'gen', 'iat', 'exp', 'jti'],
    });
    const subject = { id: payload.sub, tokenGeneration: payload.gen };
    this.remember(token, { subject, expiresAtMs: payload.exp * 1_000 });
    return subject;
  }

  private remember(token: string, verified: Verified): void {
    const [oldest] = this.verified.keys();
    if (oldest !== undefined && this.verified.size >= MAX_VERIFIED) this.verified.delete(oldest);
    this.verified.set(token, verified);
  }
}
