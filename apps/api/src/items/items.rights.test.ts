import { type Account, TestApi } from '../../../../test/support/api';

const UNKNOWN = '01941f29-7c00-7a3b-9c4d-000000000000';

describe('who may do what with an item', () => {
  let api: TestApi;
  const callers: Record<string, Account | undefined> = {};
  let item: { id: string; sku: string; ownerId: string };
  let serial = 0;

  beforeAll(async () => {
    api = await TestApi.start();
    callers['owner'] = await api.createAccount();
    callers['other'] = await api.createAccount();
    callers['admin'] = await api.createAccount({ role: 'admin' });
  });

  afterAll(() => api.close());

  beforeEach(async () => {
    const body = { sku: `SKU-${serial++}`, name: 'Lamp' };
    item = (await api.request('POST', '/v1/items', { as: callers['owner'], body })).body;
  });

  it.each(['anonymous', 'owner', 'other', 'admin'])('%s may read, and gets what everybody gets', async (caller) => {
    for (const url of [
      `/v1/items/${item.id}`,
      `/v1/items/by-sku/${item.sku}`,
      `/v1/items/batch?ids=${item.id}`,
      '/v1/items',
    ]) {
      const { status, text, headers } = await api.get(url, { as: callers[caller] });
      expect({ status, control: headers['cache-control'] }).toEqual({ status: 200, control: 'public, no-cache' });
      for (const as of [undefined, ...Object.values(callers)])
        expect(await api.get(url, { as })).toMatchObject({ status: 200, sql: 0, text });
    }
  });

  it('an invalid token does not stand in the way of reading', async () => {
    const headers = { authorization: 'Bearer no.token' };
    for (const cost of [1, 0])
      expect(await api.get(`/v1/items/${item.id}`, { headers })).toMatchObject({ status: 200, sql: cost, body: item });
  });

  const ITEM = () => `/v1/items/${item.id}`;
  const SKU = () => `/v1/items/by-sku/${item.sku}`;

  it.each([
    ['POST', () => '/v1/items', { sku: 'ANY', name: 'Any' }, { anonymous: 401, other: 201, owner: 409, admin: 409 }],
    ['PATCH', ITEM, { name: 'New' }, { anonymous: 401, other: 403, owner: 200, admin: 200 }],
    ['PUT', SKU, { name: 'New' }, { anonymous: 401, other: 403, owner: 200, admin: 200 }],
    ['DELETE', ITEM, undefined, { anonymous: 401, other: 403, owner: 204, admin: 404 }],
  ])('%s is for those whom it concerns', async (method, url, body, expected) => {
    for (const [caller, status] of Object.entries(expected)) {
      const before = (await api.get(ITEM())).headers['etag'];
      const reply = await api.request(method, url(), { as: callers[caller], body });
      expect({ caller, status: reply.status }).toEqual({ caller, status });
      if (status === 401)
        expect(reply).toMatchObject({
          body: { code: 'login_required' },
          headers: { 'www-authenticate': 'Bearer' },
          sql: 0,
        });
      if (status === 403) expect(reply.body).toMatchObject({ code: 'not_allowed' });
      if (status >= 400) expect((await api.get(ITEM())).headers['etag']).toBe(before);
    }
  });

  it('tells anonymous callers nothing about what there is', async () => {
    for (const id of [item.id, UNKNOWN])
      for (const method of ['PATCH', 'DELETE']) {
        const reply = await api.request(method, `/v1/items/${id}`, method === 'PATCH' ? { body: {} } : {});
        expect(reply).toMatchObject({ status: 401, body: { code: 'login_required' } });
      }
  });

  it('answers 404 to whoever may write, about what is not there', async () => {
    for (const caller of ['owner', 'other', 'admin'])
      for (const [method, body] of [
        ['PATCH', {}],
        ['DELETE', undefined],
      ] as const)
        expect(await api.request(method, `/v1/items/${UNKNOWN}`, { as: callers[caller], body })).toMatchObject({
          status: 404,
          body: { code: 'item_not_found' },
        });
  });

  it('checks rights before versions, so that another learns no version', async () => {
    const headers = { 'if-match': '"stale"' };
    const reply = await api.request('PATCH', ITEM(), { as: callers['other'], body: {}, headers });
    expect(reply.status).toBe(403);
    expect(reply.headers['etag']).toBeUndefined();
  });

  it('leaves an item with its owner when an admin changes it', async () => {
    for (const [method, url] of [
      ['PATCH', ITEM()],
      ['PUT', SKU()],
    ] as const) {
      const { body } = await api.request(method, url, { as: callers['admin'], body: { name: 'By the admin' } });
      expect(body).toMatchObject({ ownerId: callers['owner']?.id, name: 'By the admin' });
    }
  });

  it.each(['ownerId', 'id', 'version', 'createdAt', 'updatedAt', 'role'])('nobody sets %s', async (name) => {
    const content = { name: 'Mine', [name]: item.ownerId };
    const sends = [
      ['POST', '/v1/items', { sku: 'MINE', ...content }],
      ['PATCH', ITEM(), content],
      ['PUT', SKU(), content],
      ['PUT', '/v1/items/by-sku/MINE', content],
    ] as const;
    for (const [method, url, body] of sends)
      expect(await api.request(method, url, { as: callers['admin'], body })).toMatchObject({
        status: 422,
        body: { errors: [{ code: 'unknown', pointer: `/${name}` }] },
      });
    expect((await api.get(ITEM())).body).toEqual(item);
    expect((await api.get('/v1/items/by-sku/MINE')).status).toBe(404);
  });
});
