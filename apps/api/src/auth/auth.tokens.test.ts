import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { type Account, type Reply, TestApi } from '../../../../test/support/api';
import type { KeyPair } from '../signing-keys/signing-keys.keyring';

const SECRET = 'the secret of these tests, which has 32 bytes or more';
const strangers = generateKeyPairSync('ed25519');

let api: TestApi;
let signer: KeyPair;
let ada: Account;
let admin: Account;
let refreshToken: string;

beforeAll(async () => {
  api = await TestApi.start({ jwtSecret: SECRET });
  signer = await api.signer();
  ada = await api.createAccount();
  admin = await api.createAccount({ role: 'admin' });
  const { email, password } = ada;
  refreshToken = (await api.request('POST', '/v1/auth/login', { body: { email, password } })).body.refreshToken;
});
afterAll(() => api.close());

const me = (token: string): Promise<Reply> => api.get('/v1/users/me', { as: { ...ada, token } });

interface Forgery {
  claims?: JWTPayload;
  header?: object;
  key?: KeyObject | Uint8Array;
}

/** Ada's genuine token, signed anew with some things changed; undefined takes one away. */
function forge({ claims, header, key = signer.privateKey }: Forgery = {}): Promise<string> {
  return new SignJWT({ ...decodeJwt(ada.token), ...claims })
    .setProtectedHeader({ ...decodeProtectedHeader(ada.token), alg: 'EdDSA', ...header })
    .sign(key);
}

const now = () => Math.floor(Date.now() / 1_000);
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const parts = () => ada.token.split('.') as [header: string, claims: string, signature: string];
const unsigned = (header: object, signature = '') => [encode(header), parts()[1], signature].join('.');
const pem = () => signer.publicKey.export({ format: 'pem', type: 'spki' });
const hmac = (key: string | Buffer) => forge({ header: { alg: 'HS256' }, key: createSecretKey(Buffer.from(key)) });
const es256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const swapped = (position: number, part: string) => parts().map((own, at) => (at === position ? part : own));

it('a token that is forged in nothing is accepted, at two statements beside the answer’s own, once', async () => {
  await api.forget();
  for (const cost of [3, 1])
    expect(await me(await forge())).toMatchObject({ status: 200, sql: cost, body: { id: ada.id } });
});

it('a token that was accepted is refused once it has expired', async () => {
  const token = await forge({ claims: { exp: now() + 2 } });
  for (let again = 0; again < 2; again++) expect((await me(token)).status).toBe(200);
  const expiresAt = decodeJwt(token).exp! * 1_000;
  while (Date.now() < expiresAt) await new Promise(setImmediate);
  expect((await me(token)).status).toBe(401);
});

it.each<[name: string, token: () => Promise<string> | string]>([
  ['no algorithm', () => unsigned({ alg: 'none', typ: 'at+jwt' })],
  ['no algorithm in other letters', () => unsigned({ alg: 'nOnE', typ: 'at+jwt' })],
  ['no algorithm and the genuine signature', () => unsigned({ alg: 'none', typ: 'at+jwt' }, parts()[2])],
  ['HMAC with the public key as PEM', () => hmac(pem())],
  ['HMAC with the public key as DER', () => hmac(signer.publicKey.export({ format: 'der', type: 'spki' }))],
  [
    'HMAC with the public key as it is',
    () => hmac(Buffer.from(signer.publicKey.export({ format: 'jwk' }).x!, 'base64url')),
  ],
  ['HMAC with the service’s secret', () => hmac(SECRET)],
  ['another key', () => forge({ key: strangers.privateKey })],
  [
    'another key, brought along',
    () => forge({ key: strangers.privateKey, header: { jwk: strangers.publicKey.export({ format: 'jwk' }) } }),
  ],
  ['another kind of key', () => forge({ key: es256.privateKey, header: { alg: 'ES256' } })],
  ['the right key under the other name of its algorithm', () => forge({ header: { alg: 'Ed25519' } })],
  ['an end that has come', () => forge({ claims: { exp: now() } })],
  ['an end long ago', () => forge({ claims: { iat: now() - 1_200, exp: now() - 600 } })],
  ['no end', () => forge({ claims: { exp: undefined } })],
  ['an end that is text', () => forge({ claims: { exp: '2100-01-01' as never } })],
  ['a beginning to come', () => forge({ claims: { nbf: now() + 60 } })],
  ['another issuer', () => forge({ claims: { iss: 'https://issuer.example' } })],
  ['no issuer', () => forge({ claims: { iss: undefined } })],
  ['another audience', () => forge({ claims: { aud: 'another-api' } })],
  ['no audience', () => forge({ claims: { aud: undefined } })],
  ['another type', () => forge({ header: { typ: 'JWT' } })],
  ['the type of a refresh token', () => forge({ header: { typ: 'rt+jwt' } })],
  ['no type', () => forge({ header: { typ: undefined } })],
  ['no subject', () => forge({ claims: { sub: undefined } })],
  ['no generation', () => forge({ claims: { gen: undefined } })],
  ['no session', () => forge({ claims: { sid: undefined } })],
  ['a key that is not there', () => forge({ header: { kid: 'B_kdVZYRQf7zBZAs89hat47jvYFx4Gk7Pcq8Q_P0_8c' } })],
  ['no key', () => forge({ header: { kid: undefined } })],
  ['no id of its own', () => forge({ claims: { jti: undefined } })],
  [
    'a demand that nobody knows',
    () => `${encode({ ...decodeProtectedHeader(ada.token), crit: ['x'], x: 1 })}.${parts()[1]}.${parts()[2]}`,
  ],
  [
    'another subject under the same signature',
    () => swapped(1, encode({ ...decodeJwt(ada.token), sub: admin.id })).join('.'),
  ],
  ['the signature of another token', () => swapped(2, admin.token.split('.')[2]!).join('.')],
  ['an empty signature', () => swapped(2, '').join('.')],
  ['no signature', () => parts().slice(0, 2).join('.')],
  ['a character less', () => ada.token.slice(0, -1)],
  ['half of it', () => ada.token.slice(0, ada.token.length / 2)],
  ['five parts', () => `${ada.token}.x.y`],
  ['claims that are no JSON', () => swapped(1, 'AAAA').join('.')],
  ['words', () => 'let-me-in'],
  ['the form of a refresh token', () => refreshToken],
  ['256 random bits', () => 'q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq80'],
  ['ten thousand dots', () => '.'.repeat(10_000)],
])('a token with %s is refused, and no database asked', async (_, token) => {
  const reply = await me(await token());
  expect(reply).toMatchObject({ status: 401, sql: 0, body: { code: 'invalid_token' } });
  expect(reply.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
});

it.each<[name: string, claims: () => JWTPayload]>([
  ['nobody', () => ({ sub: uuidv7() })],
  ['an older generation', () => ({ gen: 0 })],
  ['a generation to come', () => ({ gen: 2 })],
  ['no session of theirs', () => ({ sid: decodeJwt(admin.token)['sid'] })],
  ['a session that nobody began', () => ({ sid: uuidv7() })],
])('a genuine token of %s is refused, at two statements, once', async (_, claims) => {
  await api.forget();
  const token = await forge({ claims: claims() });
  for (const cost of [2, 0]) {
    const reply = await me(token);
    expect(reply).toMatchObject({ status: 401, sql: cost, body: { code: 'invalid_token' } });
    expect(reply.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
  }
});

it.each<[authorization: string]>([
  ['Bearer'],
  ['Bearer '],
  ['Basic YWRhOnB3'],
  ['Token x'],
  ['Bearer a b'],
  ['Bearer "x"'],
])('a header %j is no token, and a login is asked for', async (authorization) => {
  const reply = await api.get('/v1/users/me', { headers: { authorization } });
  expect(reply).toMatchObject({ status: 401, sql: 0, body: { code: 'login_required' } });
  expect(reply.headers['www-authenticate']).toBe('Bearer');
});

it('the scheme is known in any letters', async () => {
  expect((await api.get('/v1/users/me', { headers: { authorization: `bEARER ${ada.token}` } })).status).toBe(200);
});
