import { generateKeyPairSync } from 'node:crypto';
import { AccessTokens } from './auth.tokens';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const keys = {
  signer: () => Promise.resolve({ id: 'key', privateKey, publicKey, signsFrom: new Date(), endsAt: null }),
  verifier: () => Promise.resolve(publicKey),
};

it('remembers the tokens that it has seen last, and no more of them than it may', async () => {
  const tokens = new AccessTokens(keys, 2);
  const issued = await Promise.all(
    ['a', 'b', 'c'].map((id) => tokens.issue({ id, tokenGeneration: 1, sessionId: 'session' })),
  );
  const subjects = [];
  for (const token of issued) subjects.push(await tokens.verify(token));
  expect(subjects).toMatchObject([{ id: 'a' }, { id: 'b' }, { id: 'c' }]);
  // What is remembered is the same object; the first has made room, and is verified anew.
  for (const place of [2, 1]) expect(await tokens.verify(issued[place] as string)).toBe(subjects[place]);
  const again = await tokens.verify(issued[0] as string);
  expect(again).toEqual(subjects[0]);
  expect(again).not.toBe(subjects[0]);
});
