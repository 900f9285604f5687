// Access tokens that somebody has made: refused in the same words whatever is wrong with them, without a connection to the database.
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { attack } from '../support/target';

const scene = attack({ role: 'admin' });

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const mine = generateKeyPairSync('ed25519');
const curve448 = generateKeyPairSync('ed448');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const parts = () => scene.owner.token.split('.') as [string, string, string];
const header = () => JSON.parse(Buffer.from(parts()[0], 'base64url').toString()) as object;

/** The owner's claims under another header and a signature of the attacker's. */
function made(more: object | string, key: KeyObject = mine.privateKey, digest: string | null = null): string {
  const content = `${encode(typeof more === 'string' ? more : { ...header(), ...more })}.${parts()[1]}`;
  return `${content}.${sign(digest, Buffer.from(content), key).toString('base64url')}`;
}

/** The owner's token with another header, but the genuine signature. */
const relabelled = (more: object | string) =>
  [encode(typeof more === 'string' ? more : { ...header(), ...more }), parts()[1], parts()[2]].join('.');

const hmac = (alg: string, digest: string, key: string) => {
  const content = `${encode({ ...header(), alg })}.${parts()[1]}`;
  return `${content}.${createHmac(digest, key).update(content).digest('base64url')}`;
};

/** S + L instead of S: an equal point for whoever does not reduce it (RFC 8032, section 5.1.7). */
function malleable(): string {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const bytes = Buffer.from(parts()[2], 'base64url');
  let scalar = order + BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`);
  for (let at = 32; at < 64; at++, scalar >>= 8n) bytes[at] = Number(scalar & 255n);
  return [parts()[0], parts()[1], bytes.toString('base64url')].join('.');
}

/** 64 bytes leave four bits of the last letter over: another letter that decodes to the same byte. */
const spareBits = (letter: string) => BASE64URL.charAt(BASE64URL.indexOf(letter) + 1);

describe('refused', () => {
  it.each<[name: string, token: () => string]>([
    ['the key of a path', () => made({ kid: '../../../../dev/null' })],
    ['the key of a query', () => made({ kid: "x' UNION SELECT 'secret' --" })],
    ['the key of a URL', () => made({ kid: 'https://evil.example/key' })],
    ['the key of a command', () => made({ kid: '|id' })],
    ['a key that is a number', () => made({ kid: 7 })],
    ['a key that is __proto__', () => made({ kid: '__proto__' })],
    ['a key that is constructor', () => made({ kid: 'constructor' })],
    ['an empty key', () => made({ kid: '' })],
    ['another key under the genuine name', () => made({})],
    ['a key brought along', () => made({ jwk: mine.publicKey.export({ format: 'jwk' }) })],
    ['keys to be fetched', () => made({ jku: 'http://127.0.0.1:9/keys' })],
    ['a certificate to be fetched', () => made({ x5u: 'http://127.0.0.1:9/chain' })],
    [
      'a certificate brought along',
      () => made({ x5c: [mine.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')] }),
    ],
    ['HS256 with the name of the key', () => hmac('HS256', 'sha256', String((header() as { kid?: string }).kid))],
    ['HS384 with nothing', () => hmac('HS384', 'sha384', '')],
    ['HS512 with null', () => hmac('HS512', 'sha512', 'null')],
    ['RS256', () => made({ alg: 'RS256' }, rsa.privateKey, 'sha256')],
    ['ES256', () => made({ alg: 'ES256' }, p256.privateKey, 'sha256')],
    ['Ed448', () => made({}, curve448.privateKey)],
    ['a list of algorithms', () => relabelled({ alg: ['EdDSA', 'none'] })],
    ['no algorithm', () => relabelled({ alg: undefined })],
    ['an algorithm that is null', () => relabelled({ alg: null })],
    ['two algorithms', () => relabelled('{"alg":"none","alg":"EdDSA","typ":"at+jwt"}')],
    ['a payload that is not encoded', () => relabelled({ b64: false, crit: ['b64'] })],
    ['a packed payload', () => relabelled({ zip: 'DEF' })],
    ['a demand of exp', () => relabelled({ crit: ['exp'], exp: 1 })],
    ['no demands', () => relabelled({ crit: [] })],
    ['a header that is a list', () => relabelled('[]')],
    ['a header that is null', () => relabelled('null')],
    ['a header 5,000 deep', () => relabelled('['.repeat(5_000) + ']'.repeat(5_000))],
    ['a header of __proto__', () => relabelled('{"__proto__":{"alg":"EdDSA","typ":"at+jwt"}}')],
    [
      'an encrypted token',
      () => `${encode({ alg: 'dir', enc: 'A256GCM' })}..${'A'.repeat(16)}.${'A'.repeat(64)}.${'A'.repeat(22)}`,
    ],
    [
      'an encryption of a thousand rounds and more',
      () => `${encode({ alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2c: 1e9, p2s: 'a' })}.AA.AA.AA.AA`,
    ],
    ['a signature of zeros', () => `${parts()[0]}.${parts()[1]}.${Buffer.alloc(64).toString('base64url')}`],
    ['a signature that is another number of the same', malleable],
    [
      'a signature in standard letters',
      () =>
        `${parts()[0]}.${parts()[1]}.${Buffer.from(parts()[2], 'base64url').toString('base64').replace(/=*$/, '==')}`,
    ],
    ['a signature with padding', () => `${scene.owner.token}==`],
    [
      'a signature whose spare bits are set',
      () => scene.owner.token.slice(0, -1) + spareBits(scene.owner.token.slice(-1)),
    ],
    ['other letters', () => scene.owner.token.toUpperCase()],
    ['two tokens in one', () => `${scene.owner.token}.${scene.owner.token}`],
    ['15,000 letters', () => 'a'.repeat(15_000)],
    ['three parts of 5,000', () => `${'e'.repeat(5_000)}.${'e'.repeat(5_000)}.${'e'.repeat(5_000)}`],
    ['15,000 dots', () => '.'.repeat(15_000)],
  ])('%s', async (_name, token) => {
    const headers = { authorization: `Bearer ${token()}` };
    for (const [method, path] of [
      ['GET', '/v1/users/me'],
      ['DELETE', '/v1/users/me'],
      ['GET', '/v1/users'],
    ] as const) {
      const reply = await scene.target.api.request(method, path, { headers });
      expect(reply).toMatchObject({ status: 401, sql: 0, body: { code: 'invalid_token' } });
      expect(reply.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    }
    const deletion = () => scene.target.ask('DELETE', '/v1/users/me', { headers });
    expect((await scene.target.withstands(deletion)).status).toBe(401);
  });
});

describe('not even looked at', () => {
  it.each<[name: string, headers: () => Record<string, string>]>([
    ['a cookie', () => ({ cookie: `access_token=${scene.owner.token}; Authorization=Bearer ${scene.owner.token}` })],
    ['a header of a proxy’s', () => ({ 'proxy-authorization': `Bearer ${scene.owner.token}` })],
    [
      'a header of another name',
      () => ({ 'x-access-token': scene.owner.token, 'x-authorization': `Bearer ${scene.owner.token}` }),
    ],
    ['the word twice', () => ({ authorization: `Bearer Bearer ${scene.owner.token}` })],
    ['a list', () => ({ authorization: `Bearer ${scene.owner.token}, Bearer ${scene.owner.token}` })],
    ['a parameter', () => ({ authorization: `Bearer token="${scene.owner.token}"` })],
    ['14,000 blanks', () => ({ authorization: `Bearer ${' '.repeat(14_000)}!` })],
    [
      'a user named by a proxy',
      () => ({ 'x-forwarded-user': scene.owner.id, 'x-remote-user': scene.owner.id, 'x-user-id': scene.owner.id }),
    ],
  ])('%s', async (_name, headers) => {
    const reply = await scene.target.api.get('/v1/users/me', { headers: headers() });
    expect(reply).toMatchObject({ status: 401, sql: 0, body: { code: 'login_required' } });
  });
});
