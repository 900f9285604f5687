import { sql } from '@app/database';
import { type Account, type Reply, TestApi } from '../../../../test/support/api';

const UNKNOWN = '01941f29-7c00-7a3b-9c4d-000000000000';

describe('writing an item', () => {
  let api: TestApi;
  let owner: Account;
  let item: { id: string; sku: string; version: number; createdAt: string; updatedAt: string };
  let serial = 0;

  beforeAll(async () => {
    api = await TestApi.start();
    owner = await api.createAccount();
  });

  afterAll(() => api.close());

  const create = (body: object): Promise<Reply> => api.request('POST', '/v1/items', { as: owner, body });
  const patch = (body: object | string, headers?: Record<string, string>, id = item.id): Promise<Reply> =>
    api.request('PATCH', `/v1/items/${id}`, { as: owner, body, headers });
  const put = (sku: string, body: object): Promise<Reply> =>
    api.request('PUT', `/v1/items/by-sku/${sku}`, { as: owner, body });

  beforeEach(async () => {
    const content = {
      name: 'Lamp',
      description: 'Bright',
      price: 100,
      currency: 'EUR',
      stock: 3,
      tags: ['a', 'b'],
      attributes: { colour: 'red', size: 2, sold: false },
    };
    item = (await create({ sku: `SKU-${serial++}`, ...content })).body;
  });

  describe('POST', () => {
    it('answers 201, where the item is, and the item', async () => {
      await api.forget();
      const { status, headers, body, sql: cost } = await create({ sku: 'FULL', name: 'N', tags: ['x', 'y', 'x'] });
      expect(status).toBe(201);
      expect(headers).toMatchObject({
        location: `/v1/items/${body.id}`,
        etag: `"${body.id}.1"`,
        'cache-control': 'no-store',
      });
      expect(body).toMatchObject({ tags: ['x', 'y'], stock: 0, price: null, attributes: {}, version: 1 });
      expect(body.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
      expect(body).toEqual((await api.get(headers['location'] as string)).body);
      // The caller, his session, and the item: one statement needs no transaction around it.
      expect(cost).toBe(3);
      expect(await create({ sku: 'KNOWN CALLER', name: 'N' })).toMatchObject({ status: 201, sql: 1 });
    });

    it('keeps every allowed value as it came', async () => {
      const extremes = {
        sku: '€'.repeat(64),
        name: '🦉'.repeat(320),
        description: '',
        price: Number.MAX_SAFE_INTEGER,
        currency: 'JPY',
        stock: 2_147_483_647,
        tags: Array.from({ length: 100 }, (_, n) => `${n}`.padEnd(128, 'ß')),
        attributes: {
          ...Object.fromEntries(Array.from({ length: 59 }, (_, n) => [`${n}`.padEnd(128, 'k'), 1.5e-7 * n])),
          toString: 'text',
          'a/b~c"\\': '\u0001\n"\\\u2028',
          no: null,
          yes: true,
          most: 2 ** 53 - 1,
        },
      };
      const { status, body } = await create(extremes);
      expect(status).toBe(201);
      expect(body).toMatchObject(extremes);
      expect((await api.get(`/v1/items/${body.id}`)).body).toEqual(body);
    });

    it('takes as much text as the index can hold, and no more', async () => {
      // Hyphens and ideographs are what makes a search vector long: each word counts three times, in three bytes a letter.
      const letter = (n: number) => String.fromCharCode(0x4e00 + (n % 20_000));
      const word = (n: number) => `${letter(n * 7)}${letter(n)}-${letter(n * 13)}${letter(n)}`;
      const words = (from: number, count: number) => Array.from({ length: count }, (_, n) => word(from + n)).join(' ');
      const attributes = (keys: number) =>
        Object.fromEntries(Array.from({ length: keys }, (_, n) => [`k${n}`, words(n * 1_000, 660)]));
      const { status, body } = await create({ sku: 'LONG', name: 'Long', attributes: attributes(14) });
      expect({ status, stored: body.attributes }).toEqual({ status: 201, stored: attributes(14) });
      const more = { attributes: { more: words(0, 660) } };
      expect(await patch(more, {}, body.id)).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/attributes', code: 'too_long' }] },
      });
    });

    it('refuses a SKU that is taken, by name', async () => {
      expect(await create({ sku: item.sku, name: 'Again' })).toMatchObject({
        status: 409,
        body: { code: 'sku_taken', errors: [{ code: 'sku_taken', pointer: '/sku' }] },
      });
      expect((await create({ sku: item.sku.toLowerCase(), name: 'Other' })).status).toBe(201);
    });

    it('creates one of twenty that want a SKU at the same moment', async () => {
      const replies = await Promise.all(Array.from({ length: 20 }, () => create({ sku: 'RACE', name: 'R' })));
      const statuses = replies.map(({ status }) => status).sort();
      expect(statuses).toEqual([201, ...Array<number>(19).fill(409)]);
    });
  });

  describe('PATCH', () => {
    it('changes what it names, and nothing else', async () => {
      const long = new Date('2020-02-20T20:20:20.020Z');
      await api.rows(sql`UPDATE items SET created_at = ${long}, updated_at = ${long} WHERE id = ${item.id}`);
      const { status, headers, body, sql: cost } = await patch({ name: 'Torch', price: 250 });
      expect({ status, cost }).toEqual({ status: 200, cost: 1 });
      // The first was not the application's.
      const changed = { name: 'Torch', price: 250, version: 3, updatedAt: body.updatedAt };
      expect(body).toEqual({ ...item, ...changed, createdAt: long.toISOString() });
      expect(body.updatedAt >= item.updatedAt).toBe(true);
      expect(headers['etag']).toBe(`"${item.id}.3"`);
      expect((await api.get(`/v1/items/${item.id}`)).body).toEqual(body);
    });

    it.each(['application/merge-patch+json', 'application/json', 'application/json; charset=utf-8'])(
      'takes %s',
      async (type) => expect((await patch({ stock: 9 }, { 'content-type': type })).body.stock).toBe(9),
    );

    it.each([
      [{ description: null }, { description: null }],
      [
        { price: null, currency: null },
        { price: null, currency: null },
      ],
      [{ tags: [] }, { tags: [] }],
      [{ tags: ['z', 'z'] }, { tags: ['z'] }],
      [
        { attributes: { colour: 'blue', shape: 'round' } },
        { attributes: { colour: 'blue', size: 2, sold: false, shape: 'round' } },
      ],
      [{ attributes: { colour: null, nothing: null } }, { attributes: { size: 2, sold: false } }],
    ])('merges %j', async (changes, expected) => {
      const { status, body } = await patch(changes);
      expect(status).toBe(200);
      expect(body).toEqual({ ...item, ...expected, version: 2, updatedAt: body.updatedAt });
    });

    it.each(['{}', '{"attributes":{}}', '{"stock":-0,"attributes":{"weight":-0}}'])(
      'takes %s for no change',
      async (changes) => {
        item = (await patch({ stock: 0, attributes: { weight: 0 } })).body;
        const { status, body } = await patch(changes, { 'content-type': 'application/json' });
        expect(status).toBe(200);
        expect(body).toEqual(item);
      },
    );

    it.each([
      [{ price: null }, '/price', 'required'],
      [{ currency: null }, '/currency', 'required'],
      [{ name: null }, '/name', 'wrong_type'],
      [{ tags: null }, '/tags', 'wrong_type'],
      [{ stock: null }, '/stock', 'wrong_type'],
      [{ attributes: null }, '/attributes', 'wrong_type'],
      [{ attributes: { a: [] } }, '/attributes/a', 'wrong_type'],
      [{ attributes: { a: 2 ** 53 } }, '/attributes/a', 'out_of_range'],
      [{ attributes: { a: -(2 ** 53) } }, '/attributes/a', 'out_of_range'],
      [
        { attributes: Object.fromEntries(Array.from({ length: 62 }, (_, n) => [`k${n}`, n])) },
        '/attributes',
        'too_many',
      ],
      [{ id: UNKNOWN }, '/id', 'unknown'],
      [{ version: 7 }, '/version', 'unknown'],
      [{ currency: 'XXA' }, '/currency', 'not_in_list'],
    ])('refuses %.60j', async (changes, pointer, code) => {
      expect(await patch(changes)).toMatchObject({ status: 422, body: { errors: [{ pointer, code }] } });
      expect((await api.get(`/v1/items/${item.id}`)).body).toEqual(item);
    });

    it('says that the SKU is taken, or changes it', async () => {
      const { body } = await create({ sku: 'TAKEN', name: 'T' });
      expect((await api.get(`/v1/items/by-sku/${item.sku}`)).body).toEqual(item);
      expect((await api.get('/v1/items/by-sku/FREE')).status).toBe(404);
      expect(await patch({ sku: 'TAKEN' })).toMatchObject({ status: 409, body: { errors: [{ pointer: '/sku' }] } });
      const renamed = (await patch({ sku: 'FREE' })).body;
      expect(renamed.sku).toBe('FREE');
      expect((await api.get('/v1/items/by-sku/FREE')).body).toEqual(renamed);
      expect((await api.get(`/v1/items/by-sku/${item.sku}`)).status).toBe(404);
      expect((await api.get('/v1/items/by-sku/TAKEN')).body).toEqual(body);
    });

    it('loses none of twenty changes at the same moment', async () => {
      const keys = Array.from({ length: 20 }, (_, n) => `key${n}`);
      const replies = await Promise.all(keys.map((key) => patch({ attributes: { [key]: 1 } })));
      expect(replies.map(({ status }) => status)).toEqual(Array(20).fill(200));
      const { body } = await api.get(`/v1/items/${item.id}`);
      expect(body.version).toBe(21);
      expect(Object.keys(body.attributes)).toEqual(expect.arrayContaining(keys));
    });
  });

  describe('PUT by SKU', () => {
    it('creates with 201, replaces with 200, and leaves nothing of before', async () => {
      const first = await put('NEW', { name: 'First', stock: 1, tags: ['t'], attributes: { a: 1 } });
      expect(first).toMatchObject({
        status: 201,
        body: { sku: 'NEW', name: 'First', version: 1, ownerId: owner.id },
        headers: { location: `/v1/items/${first.body.id}`, etag: `"${first.body.id}.1"` },
        sql: 1,
      });
      const second = await put('NEW', { name: 'Second' });
      expect(second).toMatchObject({ status: 200, headers: { etag: `"${first.body.id}.2"` }, sql: 1 });
      expect(second.headers['location']).toBeUndefined();
      const empty = { name: 'Second', stock: 0, tags: [], attributes: {}, version: 2 };
      expect(second.body).toEqual({ ...first.body, ...empty, updatedAt: expect.any(String) });
    });

    it('creates one of twenty at the same moment, the others replace it', async () => {
      const replies = await Promise.all(Array.from({ length: 20 }, (_, n) => put('PUTS', { name: `Name ${n}` })));
      expect(replies.map(({ status }) => status).sort()).toEqual([...Array<number>(19).fill(200), 201]);
      expect(new Set(replies.map(({ body }) => body.id)).size).toBe(1);
      expect(new Set(replies.map(({ body }) => body.version)).size).toBe(20);
    });

    it('refuses what would be wrong in a POST, and a SKU in the body', async () => {
      expect((await put('X', { name: 'N', price: 1 })).body.errors).toMatchObject([{ pointer: '/currency' }]);
      expect((await put('X', { name: 'N', sku: 'X' })).body.errors).toMatchObject([
        { pointer: '/sku', code: 'unknown' },
      ]);
      expect((await put('x'.repeat(65), { name: 'N' })).body.errors).toMatchObject([{ parameter: 'sku' }]);
      expect((await api.get('/v1/items/by-sku/X')).status).toBe(404);
    });
  });

  it('DELETE removes it for good', async () => {
    const remove = () => api.request('DELETE', `/v1/items/${item.id}`, { as: owner });
    expect(await remove()).toMatchObject({ status: 204, text: '', sql: 1 });
    expect((await api.get(`/v1/items/${item.id}`)).status).toBe(404);
    expect(await remove()).toMatchObject({ status: 404, body: { code: 'item_not_found' } });
    expect(await patch({ stock: 1 })).toMatchObject({ status: 404, body: { code: 'item_not_found' } });
    expect(await api.rows(sql`SELECT 1 FROM items WHERE sku = ${item.sku}`)).toEqual([]);
    expect((await create({ sku: item.sku, name: 'Anew' })).body.id).not.toBe(item.id);
  });
});
