import { generateKeyPairSync } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
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

describe('a genuine signature of our key', () => {
  const seconds = Math.floor(Date.now() / 1_000);
  const claims = { iss: 'floodgate', aud: 'floodgate-api', sub: 'a', gen: 1, sid: 'b', jti: 'c', iat: seconds };

  const looked = async (more: JWTPayload, header: object) => {
    const asked: string[] = [];
    const verifier = (id: string) => keys.verifier().finally(() => asked.push(id));
    const token = await new SignJWT({ ...claims, exp: seconds + 600, ...more })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'key', ...header })
      .sign(privateKey);
    return { subject: await new AccessTokens({ ...keys, verifier }).verify(token), asked };
  };

  it('is accepted', async () => {
    expect(await looked({}, {})).toMatchObject({ subject: { id: 'a' }, asked: ['key'] });
  });

  it.each<[name: string, claims: JWTPayload, header?: object]>([
    ['of somebody else', { iss: 'https://issuer.example' }],
    ['of nobody', { iss: undefined }],
    ['for somebody else', { aud: 'another-api' }],
    ['for nobody', { aud: undefined }],
    ['for us and somebody else', { aud: ['floodgate-api', 'another-api'] }],
    ['that is over', { exp: seconds - 1 }],
    ['without an end', { exp: undefined }],
    ['of another type', {}, { typ: 'JWT' }],
    ['of no type', {}, { typ: undefined }],
  ])('%s is refused, and nobody asked for the key', async (_, more, header = {}) => {
    expect(await looked(more, header)).toEqual({ subject: undefined, asked: [] });
  });
});
