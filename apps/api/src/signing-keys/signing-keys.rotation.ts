// How one key takes over from another.
import { newKey } from './signing-keys.keyring';
import type { SigningKeysRepository } from './signing-keys.repository';

/** What others may keep of the published keys: longer than this before a key signs, it must be among them. */
export const PUBLISHED_FOR = '5m';
const LEAD_SECONDS = 10 * 60;
/** The life of an access token, and a minute for clocks that differ. */
const OVERLAP_SECONDS = 11 * 60;

/** Nobody notices. @returns the new key's id */
export async function rotateKeys(rows: SigningKeysRepository, secret: string): Promise<string> {
  const key = await newKey(secret);
  await rows.succeed(key, { leadSeconds: LEAD_SECONDS, overlapSeconds: OVERLAP_SECONDS });
  return key.id;
}

/** For a key that somebody else has: all access tokens end, and every client refreshes its own. @returns the new key's id */
export async function replaceKeys(rows: SigningKeysRepository, secret: string): Promise<string> {
  const key = await newKey(secret);
  await rows.replaceAll(key);
  return key.id;
}
