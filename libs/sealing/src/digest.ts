// What is stored of a secret that is random itself: enough to know it again, nothing to use.
import { createHash } from 'node:crypto';

/** SHA-256 as base64url. For random secrets of 128 bits or more only; whatever people choose needs a slow hash. */
export const digestOf = (secret: Uint8Array): string => createHash('sha256').update(secret).digest('base64url');
