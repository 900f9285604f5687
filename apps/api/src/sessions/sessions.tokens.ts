// Refresh tokens: 128 bits that all tokens of a session share, then 256 that are each one's own.
import { randomBytes } from 'node:crypto';
import { digestOf, seal, unseal } from '@app/sealing';

const FAMILY_BYTES = 16;
const SECRET_BYTES = 32;
const FORM = /^[\w-]{64}$/;

/**
 * Whoever knows the common part has held a genuine token of the session: so an old one is recognized, however old, without a
 * list of all that there were; and nobody else can end the session by an invented one.
 */
export class RefreshToken {
  private constructor(
    private readonly common: Buffer,
    private readonly secret: Buffer,
  ) {}

  /** The first one of a session. */
  static create(): RefreshToken {
    return new RefreshToken(randomBytes(FAMILY_BYTES), randomBytes(SECRET_BYTES));
  }

  /** Undefined for what can't be one. */
  static read(text: string): RefreshToken | undefined {
    if (!FORM.test(text)) return undefined;
    const bytes = Buffer.from(text, 'base64url');
    return new RefreshToken(bytes.subarray(0, FAMILY_BYTES), bytes.subarray(FAMILY_BYTES));
  }

  get text(): string {
    return Buffer.concat([this.common, this.secret]).toString('base64url');
  }

  get family(): string {
    return digestOf(this.common);
  }

  get digest(): string {
    return digestOf(this.secret);
  }

  /** Another one of the session that follows this one, and the form of it that only this one opens. */
  next(sessionId: string): { child: RefreshToken; sealed: string } {
    const child = new RefreshToken(this.common, randomBytes(SECRET_BYTES));
    return { child, sealed: seal(child.secret, this.sealing(sessionId)) };
  }

  /** The one that has followed already. */
  open(sealed: string, sessionId: string): RefreshToken | undefined {
    const secret = unseal(sealed, this.sealing(sessionId));
    return secret && new RefreshToken(this.common, secret);
  }

  private sealing(sessionId: string) {
    return { under: this.secret, purpose: 'next refresh token', of: sessionId };
  }
}
