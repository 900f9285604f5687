// Tells bytes that are random from those that only look long.

const WORD_BYTES = 4;

/**
 * Fails unless no word of four bytes is there twice, which is so of a hundred random bytes but for once in some ten million runs; and
 * is not of bytes that repeat, that are filled up, or that another secret shares.
 * @param secrets bytes, or base64url
 */
export function expectRandom(secrets: readonly (Buffer | string)[], bytesEach: number): void {
  const bytesOf = (secret: Buffer | string) => (typeof secret === 'string' ? Buffer.from(secret, 'base64url') : secret);
  const words = secrets.flatMap((secret) => bytesOf(secret).toString('hex').match(/.{8}/g) ?? []);
  expect(words).toHaveLength((secrets.length * bytesEach) / WORD_BYTES);
  expect(new Set(words).size).toBe(words.length);
}
