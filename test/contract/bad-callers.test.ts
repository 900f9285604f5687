// Callers without the right token, and requests that no route, method or media type is there for.
import { createHmac, sign } from 'node:crypto';
import type { KeyPair } from '../../apps/api/src/signing-keys/signing-keys.keyring';
import { type Account, TestApi } from '../support/api';
import { type BadCase, type Expected, refuses } from '../support/refusal';

const UNKNOWN = '01941f29-7c00-7a3b-9c4d-000000000000';

const loginRequired: Expected = { status: 401, code: 'login_required' };
const invalidToken: Expected = { status: 401, code: 'invalid_token' };
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

let api: TestApi;
let signer: KeyPair;
let owner: Account;
let other: Account;
let known: { id: string; sku: string };

beforeAll(async () => {
  api = await TestApi.start();
  signer = await api.signer();
  owner = await api.createAccount();
  other = await api.createAccount();
  known = (await api.request('POST', '/v1/items', { as: owner, body: { sku: 'KNOWN', name: 'Known' } })).body;
});

afterAll(() => api.close());

/** The owner's token with other claims, or another header; signed by the service's own key unless told otherwise. */
function forged({
  claims = {},
  header = {},
  signature,
}: {
  claims?: object;
  header?: object;
  signature?: (content: Buffer) => Buffer;
}): string {
  const [head = '', payload = ''] = owner.token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  const content = `${encoded({ ...JSON.parse(head), ...header })}.${encoded({ ...JSON.parse(payload), ...claims })}`;
  const signed = signature ?? ((bytes: Buffer) => sign(null, bytes, signer.privateKey));
  return `${content}.${signed(Buffer.from(content)).toString('base64url')}`;
}

const publicKey = () => signer.publicKey.export({ format: 'pem', type: 'spki' });
const seconds = (fromNow: number) => Math.floor(Date.now() / 1_000) + fromNow;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('a write', () => {
  it.each<[name: string, headers: () => Record<string, string>, expected: Expected]>([
    ['no token', () => ({}), loginRequired],
    ['an empty header', () => ({ authorization: '' }), loginRequired],
    ['no scheme', () => ({ authorization: owner.token }), loginRequired],
    ['another scheme', () => ({ authorization: `Basic ${Buffer.from('a:b').toString('base64')}` }), loginRequired],
    ['a token with a blank', () => bearer('a b'), loginRequired],
    ['a word', () => bearer('nonsense'), invalidToken],
    ['a broken token', () => bearer(owner.token.slice(0, -4)), invalidToken],
    ['a token of 15 KB', () => bearer('a'.repeat(15_000)), invalidToken],
    ['dots', () => bearer('..'), invalidToken],
    [
      'another payload',
      () => bearer(owner.token.replace(/\.[^.]*\./, `.${encoded({ sub: other.id })}.`)),
      invalidToken,
    ],
    ['alg none', () => bearer(forged({ header: { alg: 'none' }, signature: () => Buffer.alloc(0) })), invalidToken],
    ['alg None', () => bearer(forged({ header: { alg: 'None' }, signature: () => Buffer.alloc(0) })), invalidToken],
    [
      'the public key as a secret',
      () =>
        bearer(
          forged({
            header: { alg: 'HS256' },
            signature: (bytes) => createHmac('sha256', publicKey()).update(bytes).digest(),
          }),
        ),
      invalidToken,
    ],
    ['an expired token', () => bearer(forged({ claims: { iat: seconds(-700), exp: seconds(-1) } })), invalidToken],
    ['a token of a later time', () => bearer(forged({ claims: { nbf: seconds(60) } })), invalidToken],
    ['a token for others', () => bearer(forged({ claims: { aud: 'others' } })), invalidToken],
    ['another kind of token', () => bearer(forged({ header: { typ: 'JWT' } })), invalidToken],
  ])('with %s', async (_name, headers, expected) => {
    const url = `/v1/items/${known.id}`;
    const reply = await refuses(api, { method: 'PATCH', url, body: { name: 'Stolen' }, headers: headers() }, expected);
    expect(reply).toMatchObject({ sql: 0, headers: { 'www-authenticate': expect.stringMatching(/^Bearer/) } });
    expect(reply.text).not.toContain(headers()['authorization']?.slice(7, 40) || 'no token');
  });

  it('with a genuine token that was made here is let through', async () => {
    const url = `/v1/items/${known.id}`;
    const reply = await api.request('PATCH', url, { body: { name: 'Known' }, headers: bearer(forged({})) });
    expect(reply.status).toBe(200);
  });

  it('with a token in the query is refused by the parameter’s name', async () => {
    const query = { access_token: owner.token };
    await refuses(api, { query, body: {} }, { status: 400, code: 'invalid_parameter', names: 'access_token' });
  });

  it('of another user’s item', async () => {
    const notAllowed: Expected = { status: 403, code: 'not_allowed' };
    const url = `/v1/items/${known.id}`;
    await refuses(api, { as: other, method: 'PATCH', url, body: { name: 'Mine' } }, notAllowed);
    await refuses(api, { as: other, method: 'DELETE', url }, notAllowed);
    await refuses(api, { as: other, method: 'PUT', url: '/v1/items/by-sku/KNOWN', body: { name: 'Mine' } }, notAllowed);
    await refuses(api, { as: other, method: 'GET', url: '/v1/users' }, notAllowed);
  });
});

describe('a request', () => {
  const notFound: Expected = { status: 404, code: 'not_found' };
  const absent: Expected = { status: 404, code: 'item_not_found' };

  it.each<BadCase>([
    ['/v1', { method: 'GET', url: '/v1' }, notFound],
    ['a word', { method: 'POST', url: '/v1/nothing', body: {} }, notFound],
    ['a slash at the end', { method: 'GET', url: '/v1/items/' }, notFound],
    ['a slash where an id should be', { method: 'PATCH', url: '/v1/items/', body: {} }, notFound],
    ['a slash too many', { method: 'POST', url: '/v1/items/', body: {} }, notFound],
    ['no SKU', { method: 'GET', url: '/v1/items/by-sku/' }, notFound],
    ['two slashes', { method: 'GET', url: '/v1//items' }, notFound],
    ['other letters', { method: 'GET', url: '/v1/Items' }, notFound],
    ['more than there is', { method: 'GET', url: `/v1/items/${UNKNOWN}/more` }, notFound],
    ['files', { method: 'GET', url: '/docs/..%2f..%2fpackage.json' }, notFound],
    ['a script', { method: 'GET', url: '/<script>alert(1)</script>' }, notFound],
    ['an item that is not there', { method: 'GET', url: `/v1/items/${UNKNOWN}` }, absent],
    ['a SKU that is not there', { method: 'GET', url: '/v1/items/by-sku/NONE' }, absent],
  ])('for %s is answered with 404', async (_name, request, expected) => {
    const reply = await refuses(api, request, expected);
    expect(reply.text).not.toContain('<script>');
  });

  it.each([
    ['PUT', '/v1/items', 'GET, HEAD, POST'],
    ['DELETE', '/v1/items', 'GET, HEAD, POST'],
    ['POST', `/v1/items/${UNKNOWN}`, 'GET, HEAD, PATCH, DELETE'],
    ['POST', '/v1/items/by-sku/x', 'GET, HEAD, PUT'],
    ['HEAD', '/v1/auth/login', 'POST'],
    ['GET', '/v1/auth/login', 'POST'],
    ['POST', '/health/live', 'GET, HEAD'],
    ['DELETE', '/openapi.json', 'GET, HEAD'],
    ['OPTIONS', '/v1/items', 'GET, HEAD, POST'],
    ['TRACE', '/v1/items', 'GET, HEAD, POST'],
    ['PROPFIND', '/v1/items', 'GET, HEAD, POST'],
  ])('%s %s is answered with 405 and what may be used', async (method, url, allowed) => {
    const reply = await api.request(method, url, { as: owner });
    expect(reply).toMatchObject({ status: 405, headers: { allow: allowed, 'cache-control': 'no-store' }, sql: 0 });
    if (method !== 'HEAD') expect(reply.body).toMatchObject({ code: 'method_not_allowed' });
  });

  it.each([
    ['GET', '/v1/items', 'text/html'],
    ['GET', '/v1/items', 'application/xml;q=0.9, text/*'],
    ['GET', `/v1/items/${UNKNOWN}`, 'application/json;q=0, application/problem+json;q=0'],
    ['POST', '/v1/items', 'image/png'],
  ])('%s %s for %s is answered with 406', async (method, url, accept) => {
    const body = method === 'POST' ? { sku: 'BAD', name: 'Bad' } : undefined;
    const expected = { status: 406, code: 'not_acceptable' };
    const reply = await refuses(api, { as: owner, method, url, body, headers: { accept } }, expected);
    expect(reply).toMatchObject({ sql: 0, body: { detail: expect.stringContaining('application/json') } });
  });

  it.each(['*/*', 'application/*', 'application/json', 'text/html, */*;q=0.1', ''])(
    'that accepts %j is answered',
    async (accept) => expect((await api.get('/v1/items', { headers: { accept } })).status).toBe(200),
  );
});
