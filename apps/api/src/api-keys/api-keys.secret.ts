import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const MARK = 'fg_';
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 43 characters of 62: 256 bits. */
const RANDOM_CHARACTERS = 43;
/** What 32 bits need in base 36. */
const CHECKSUM_CHARACTERS = 7;
/** 47 bits of the 256: two keys of one owner hardly ever share them, and what is left cannot be guessed. */
const PREFIX_CHARACTERS = MARK.length + 8;

const KEY = /^fg_[0-9A-Za-z]{43}[0-9a-z]{7}$/;

/** Letters and digits alone: a double click selects it all, and it needs no escaping anywhere. */
export function makeKey(): string {
  const characters = Array.from({ length: RANDOM_CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]);
  const key = MARK + characters.join('');
  return key + checksumOf(key);
}

/** Whether it says of itself that it is a key; no access token does, since those begin with an encoded brace. */
export const isKey = (token: string): boolean => token.startsWith(MARK);

/**
 * Whether it could be one of ours. The checksum keeps no secret: it is for scanners that look for leaked keys, and for refusing what was cut
 * or mistyped without asking the database.
 */
export const isWellFormed = (key: string): boolean =>
  KEY.test(key) && checksumOf(key.slice(0, -CHECKSUM_CHARACTERS)) === key.slice(-CHECKSUM_CHARACTERS);

export const prefixOf = (key: string): string => key.slice(0, PREFIX_CHARACTERS);

/**
 * What is stored, and looked up. A slow hash with a salt is for passwords, which can be guessed: nobody tries 2^256 keys, however fast
 * the hash is, and this one is made for each request. Nor does the time of the look-up tell anything: whoever wants a digest that
 * begins like another would have to find it first.
 */
export const digestOf = (key: string): string => createHash('sha256').update(key).digest('base64url');

const checksumOf = (text: string): string => crc32(text).toString(36).padStart(CHECKSUM_CHARACTERS, '0');
