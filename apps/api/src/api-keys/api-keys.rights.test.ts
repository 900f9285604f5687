import { sql } from '@app/database';
import { type Account, type Ask, PASSWORD, type Reply, TestApi } from '../../../../test/support/api';
import { makeKey } from './api-keys.secret';

type Scopes = ('read' | 'write')[];
type Body = Reply['body'];

let api: TestApi;
let owner: Account;
let admin: Account;
let item: { id: string; sku: string };
let serial = 0;

beforeAll(async () => {
  api = await TestApi.start();
  owner = await api.createAccount();
  admin = await api.createAccount({ role: 'admin' });
});
afterAll(() => api.close());

beforeEach(async () => {
  const body = { sku: `SKU-${serial++}`, name: 'Lamp' };
  item = (await api.request('POST', '/v1/items', { as: owner, body })).body;
});

async function make(as: Account, ...scopes: Scopes): Promise<Body> {
  await api.rows(sql`DELETE FROM api_keys WHERE owner_id = ${as.id}`);
  return (await api.request('POST', '/v1/api-keys', { as, body: { name: 'Key', scopes, currentPassword: PASSWORD } }))
    .body;
}
const withKey = ({ key }: Body, method: string, url: string, ask: Ask = {}): Promise<Reply> =>
  api.request(method, url, { ...ask, headers: { authorization: `Bearer ${key}` } });
const me = (key: Body): Promise<Reply> => withKey(key, 'GET', '/v1/users/me');

const invalid = {
  status: 401,
  body: { code: 'invalid_token' },
  headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
};
const lacks = (scope: string) => ({
  status: 403,
  body: { code: 'insufficient_scope' },
  headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
});
const noKeys = { status: 403, body: { code: 'session_required' } };

describe('a key', () => {
  it.each<[scopes: Scopes]>([[['read']], [['write']], [['read', 'write']]])(
    'with %j does what that says',
    async (scopes) => {
      const key = await make(owner, ...scopes);
      const may = (scope: 'read' | 'write', status: number): object =>
        scopes.includes(scope) ? { status } : lacks(scope);
      const ITEM = `/v1/items/${item.id}`;
      const body = { name: 'Better lamp' };
      expect(await me(key)).toMatchObject(may('read', 200));
      expect((await withKey(key, 'HEAD', '/v1/users/me')).status).toBe(scopes.includes('read') ? 200 : 403);
      expect(await withKey(key, 'POST', '/v1/items', { body: { sku: `S-${serial++}`, ...body } })).toMatchObject(
        may('write', 201),
      );
      expect(await withKey(key, 'PUT', `/v1/items/by-sku/${item.sku}`, { body })).toMatchObject(may('write', 200));
      expect(await withKey(key, 'PATCH', ITEM, { body })).toMatchObject(may('write', 200));
      const operations = [{ op: 'create', item: { sku: `S-${serial++}`, ...body } }];
      expect(await withKey(key, 'POST', '/v1/items/batch', { body: { operations } })).toMatchObject(may('write', 200));
      expect(await withKey(key, 'DELETE', ITEM)).toMatchObject(may('write', 204));
    },
  );

  it.each<[method: string, url: string, body: object | undefined]>([
    ['GET', '/v1/api-keys', undefined],
    ['POST', '/v1/api-keys', { name: 'Another', scopes: ['read'], currentPassword: PASSWORD }],
    ['DELETE', '/v1/api-keys/01980a6e-5d5a-7c3e-8a52-3f1d2c4b5a69', undefined],
    ['GET', '/v1/auth/sessions', undefined],
    ['DELETE', '/v1/auth/sessions/01980a6e-5d5a-7c3e-8a52-3f1d2c4b5a69', undefined],
    ['PATCH', '/v1/users/me', { displayName: 'Eve' }],
    ['DELETE', '/v1/users/me', { currentPassword: PASSWORD }],
    ['PUT', '/v1/users/me/password', { currentPassword: 'x', newPassword: 'another horse' }],
    ['GET', '/v1/users', undefined],
    ['PATCH', '/v1/users/01980a6e-5d5a-7c3e-8a52-3f1d2c4b5a69', { role: 'admin' }],
    ['DELETE', '/v1/users/01980a6e-5d5a-7c3e-8a52-3f1d2c4b5a69', undefined],
  ])('of an administrator may not %s %s', async (method, url, body) => {
    const key = await make(admin, 'read', 'write');
    expect((await me(key)).status).toBe(200);
    expect(await withKey(key, method, url, { body })).toMatchObject({ ...noKeys, sql: 0 });
  });

  it('of an administrator has no power over what is another’s', async () => {
    const key = await make(admin, 'write');
    const body = { name: 'Mine' };
    const lines = {
      headers: { 'content-type': 'application/x-ndjson' },
      body: JSON.stringify({ sku: item.sku, ...body }),
    };
    const headers = { ...lines.headers, authorization: `Bearer ${key.key}` };
    expect(await withKey(key, 'PATCH', `/v1/items/${item.id}`, { body })).toMatchObject({
      status: 403,
      body: { code: 'not_allowed' },
    });
    expect((await withKey(key, 'DELETE', `/v1/items/${item.id}`)).status).toBe(403);
    expect((await withKey(key, 'PUT', `/v1/items/by-sku/${item.sku}`, { body })).status).toBe(403);
    expect((await api.request('POST', '/v1/items/import', { ...lines, headers })).body).toMatchObject({ rejected: 1 });
    expect((await api.request('PATCH', `/v1/items/${item.id}`, { as: admin, body })).status).toBe(200);
  });

  it('has no session that it could end', async () => {
    const key = await make(owner, 'write');
    expect(await withKey(key, 'POST', '/v1/auth/logout')).toMatchObject({
      status: 403,
      body: { code: 'session_required' },
    });
    expect((await api.get('/v1/users/me', { as: owner })).status).toBe(200);
    expect((await withKey(key, 'POST', '/v1/items', { body: { sku: `S-${serial++}`, name: 'Lamp' } })).status).toBe(
      201,
    );
  });

  it('changes nothing about what is public, whatever it is worth', async () => {
    for (const key of [{ key: 'fg_x' }, { key: makeKey() }, await make(owner, 'write')])
      expect(await withKey(key, 'GET', `/v1/items/${item.id}`)).toMatchObject({ status: 200, body: { id: item.id } });
  });
});

describe('what is no key', () => {
  it.each<[name: string, key: () => string]>([
    ['the mark', () => 'fg_'],
    ['half a key', () => makeKey().slice(0, 25)],
    ['a mistyped key', () => makeKey().replace(/.(?=.{7}$)/, (last) => (last === 'x' ? 'y' : 'x'))],
    ['a long key', () => 'fg_'.padEnd(10_000, 'x')],
    ['an access token behind the mark', () => `fg_${owner.token}`],
  ])('%s is refused, and no database asked', async (_, key) => {
    expect(await me({ key: key() })).toMatchObject({ ...invalid, sql: 0 });
  });

  it('a made-up key is looked for once, and many at once in few statements', async () => {
    const made = Array.from({ length: 300 }, () => ({ key: makeKey() }));
    const statements = api.countStatements();
    for (const reply of await Promise.all(made.map(me))) expect(reply).toMatchObject(invalid);
    expect(statements()).toBeLessThan(50);
    for (const one of made) expect(await me(one)).toMatchObject({ ...invalid, sql: 0 });
  });
});
