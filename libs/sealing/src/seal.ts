// Keeps a secret under another one: AES-256-GCM (NIST SP 800-38D) with a key that HKDF (RFC 5869) makes of the other one.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface Sealing {
  /** The secret that opens it: 128 random bits or more. */
  readonly under: string | Uint8Array;
  /** What it is used for: under the same secret, each purpose has a key of its own. */
  readonly purpose: string;
  /** Whose it is: what was sealed as one's can't be passed off as another's. */
  readonly of: string;
}

/** Base64url; different each time. */
export function seal(content: Uint8Array, { under, purpose, of }: Sealing): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, keyOf(under, purpose), nonce).setAAD(Buffer.from(of));
  return Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

/** Undefined if it was sealed under another secret, for another purpose or as another's, or has been changed since. */
export function unseal(sealed: string, { under, purpose, of }: Sealing): Buffer | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, keyOf(under, purpose), nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(of))
    .setAuthTag(bytes.subarray(-TAG_BYTES));
  const opened = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([opened, decipher.final()]);
  } catch {
    return undefined;
  }
}

const keyOf = (secret: string | Uint8Array, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', purpose, KEY_BYTES));
