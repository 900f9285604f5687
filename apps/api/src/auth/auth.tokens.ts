import { randomUUID } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { SigningKeys } from '../signing-keys/signing-keys.service';

export const ACCESS_TOKEN_SECONDS = 600;

const ISSUER = 'floodgate';
const AUDIENCE = 'floodgate-api';
const ALGORITHM = 'EdDSA';
/** RFC 9068: no other kind of token that this service may ever sign passes for an access token. */
const TYPE = 'at+jwt';

export interface TokenSubject {
  readonly id: string;
  readonly tokenGeneration: number;
  readonly sessionId: string;
}

/** Tokens whose signature need not be checked again; those that are refused are not remembered. */
const MAX_VERIFIED = 10_000;

interface Verified {
  readonly subject: TokenSubject;
  readonly keyId: string;
  readonly expiresAtMs: number;
}

interface Claims extends JWTPayload {
  sub: string;
  gen: number;
  sid: string;
  exp: number;
}

export class AccessTokens {
  /** In the order in which they were first seen. */
  private readonly verified = new Map<string, Verified>();

  constructor(
    private readonly keys: Pick<SigningKeys, 'signer' | 'verifier'>,
    private readonly maxVerified = MAX_VERIFIED,
  ) {}

  async issue({ id, tokenGeneration, sessionId }: TokenSubject): Promise<string> {
    const { id: kid, privateKey } = await this.keys.signer();
    return new SignJWT({ gen: tokenGeneration, sid: sessionId })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(id)
      .setIssuedAt()
      .setExpirationTime(`${ACCESS_TOKEN_SECONDS}s`)
      .setJti(randomUUID())
      .sign(privateKey);
  }

  /** Undefined unless the token is one of ours and has not expired. Fails when the keys can't be read. */
  async verify(token: string): Promise<TokenSubject | undefined> {
    const known = this.verified.get(token);
    if (known && Date.now() < known.expiresAtMs && (await this.keys.verifier(known.keyId))) return known.subject;
    this.verified.delete(token);
    // What can't be ours is refused before anybody is asked for a key.
    const keyId = keyIdOf(token);
    const key = keyId === undefined ? undefined : await this.keys.verifier(keyId);
    if (keyId === undefined || !key) return undefined;
    try {
      // The algorithm is ours to choose, never the token's.
      const { payload } = await jwtVerify<Claims>(token, key, {
        algorithms: [ALGORITHM],
        requiredClaims: ['sub', 'gen', 'sid', 'iat', 'exp', 'jti'],
      });
      const subject = { id: payload.sub, tokenGeneration: payload.gen, sessionId: payload.sid };
      this.remember(token, { subject, keyId, expiresAtMs: payload.exp * 1_000 });
      return subject;
    } catch {
      return undefined;
    }
  }

  private remember(token: string, verified: Verified): void {
    const [oldest] = this.verified.keys();
    if (oldest !== undefined && this.verified.size >= this.maxVerified) this.verified.delete(oldest);
    this.verified.set(token, verified);
  }
}

/**
 * The key that a token names, if it is of our kind, by us, for us, and not over. This is the only place where these are checked: they
 * are read from the bytes that are signed, and count for nothing until that key has verified them.
 */
function keyIdOf(token: string): string | undefined {
  if (!isSpelledAsIssued(token)) return undefined;
  try {
    const { alg, typ, kid } = decodeProtectedHeader(token);
    const { iss, aud, exp = 0 } = decodeJwt(token);
    const isOurs = alg === ALGORITHM && typ === TYPE && iss === ISSUER && aud === AUDIENCE && Date.now() < exp * 1_000;
    return isOurs ? kid : undefined;
  } catch {
    return undefined;
  }
}

/** RFC 7515, section 2: base64url without padding. Decoders take other letters, padding and spare bits for the same. */
function isSpelledAsIssued(token: string): boolean {
  const signature = token.slice(token.lastIndexOf('.') + 1);
  return Buffer.from(signature, 'base64url').toString('base64url') === signature;
}
