import { sql } from '@app/database';
import { type Account, TestApi } from '../../../../test/support/api';

const UNKNOWN = '01941f29-7c00-7a3b-9c4d-000000000000';
const LATER = '01941f29-7c00-7a3b-9c4d-1a7e00000000';
const READS = ['/v1/items/{id}', '/v1/items/by-sku/LAMP', '/v1/items/batch?ids={id}', '/v1/items'];

describe('reading an item', () => {
  let api: TestApi;
  let owner: Account;
  let id: string;

  beforeAll(async () => {
    api = await TestApi.start();
    owner = await api.createAccount();
    const item = { sku: 'LAMP', name: 'A lamp', price: 1999, currency: 'EUR', tags: ['x'], attributes: { size: 1 } };
    id = (await api.request('POST', '/v1/items', { as: owner, body: item })).body.id;
  });

  afterAll(() => api.close());

  const url = (template: string) => template.replace('{id}', id);

  it('shows every member, the same by id and by SKU', async () => {
    const { status, headers, body, sql: cost } = await api.get(url('/v1/items/{id}'));
    expect({ status, cost }).toEqual({ status: 200, cost: 1 });
    expect(body).toEqual({
      id,
      sku: 'LAMP',
      name: 'A lamp',
      description: null,
      price: 1999,
      currency: 'EUR',
      stock: 0,
      tags: ['x'],
      attributes: { size: 1 },
      ownerId: owner.id,
      version: 1,
      createdAt: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/),
      updatedAt: body.createdAt,
    });
    expect(headers['etag']).toBe(`"${id}.1"`);
    const same = { status: 200, body, headers: { etag: headers['etag'] } };
    expect(await api.get('/v1/items/by-sku/LAMP')).toMatchObject({ ...same, sql: 1 });
    for (const path of [url('/v1/items/{id}'), `/v1/items/${id.toUpperCase()}`, '/v1/items/by-sku/LAMP'])
      expect(await api.get(path)).toMatchObject({ ...same, sql: 0 });
  });

  it.each(READS)('says of %s that it is public and must be revalidated', async (template) => {
    await api.forget();
    const { sql: cost, headers, text } = await api.get(url(template));
    expect({ cost, headers }).toMatchObject({
      cost: 1,
      headers: {
        'cache-control': 'public, no-cache',
        'cache-status': 'floodgate; fwd=uri-miss; stored',
        'content-type': 'application/json; charset=utf-8',
        etag: expect.stringMatching(/^"[\w.-]+"$/),
      },
    });
    const again = await api.get(url(template));
    expect(again).toMatchObject({ status: 200, sql: 0, text });
    const own = ['x-request-id', 'server-timing', 'date'].map((name) => [name, expect.any(String)]);
    expect(again.headers).toEqual({ ...headers, ...Object.fromEntries(own), 'cache-status': 'floodgate; hit' });
    expect(again.headers['x-request-id']).not.toBe(headers['x-request-id']);
  });

  it.each(READS)('answers 304 to %s while nothing has changed', async (template) => {
    const { headers } = await api.get(url(template));
    const etag = headers['etag'] as string;
    await api.forget();
    const asked = { headers: { 'if-none-match': etag } };
    expect(await api.get(url(template), asked)).toMatchObject({ status: 304, sql: 1, headers: { etag } });
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*', `"a,b",${etag}`]) {
      const again = await api.get(url(template), { headers: { 'if-none-match': known } });
      expect(again).toMatchObject({ status: 304, text: '', sql: 0, headers: { etag } });
      expect(again.headers['content-type']).toBeUndefined();
      expect(again.headers['content-length']).toBeUndefined();
    }
    for (const stale of ['"other"', etag.replaceAll('"', ''), 'W/', ''])
      expect((await api.get(url(template), { headers: { 'if-none-match': stale } })).status).toBe(200);
  });

  it.each(READS)('answers HEAD of %s like GET without the body', async (template) => {
    const { headers, text } = await api.get(url(template));
    const known = { 'if-none-match': headers['etag'] as string };
    await api.forget();
    for (const cost of [1, 0]) {
      const head = await api.request('HEAD', url(template));
      expect(head).toMatchObject({ status: 200, text: '', sql: cost, headers: { etag: headers['etag'] } });
      expect(head.headers['content-length']).toBe(String(Buffer.byteLength(text)));
    }
    expect(await api.request('HEAD', url(template), { headers: known })).toMatchObject({
      status: 304,
      sql: 0,
      text: '',
    });
    expect(await api.get(url(template))).toMatchObject({ status: 200, sql: 0, text });
  });

  it('shows a change at once, under another entity tag', async () => {
    const before = await Promise.all(READS.map((template) => api.get(url(template))));
    await api.request('PATCH', `/v1/items/${id}`, { as: owner, body: { stock: 7 } });
    const costs: number[] = [];
    for (const [index, template] of READS.entries()) {
      const known = { 'if-none-match': before[index]?.headers['etag'] as string };
      const { status, text, sql: cost } = await api.get(url(template), { headers: known });
      expect({ template, status }).toEqual({ template, status: 200 });
      expect(text).toContain('"stock":7');
      costs.push(cost);
      expect(await api.get(url(template), { headers: known })).toMatchObject({ status: 200, sql: 0, text });
    }
    // The batch finds the row that was just read by its id.
    expect(costs).toEqual([1, 1, 0, 1]);
  });

  it('shows at once what somebody else has changed, and asks nothing about what nobody has', async () => {
    const { body: other } = await api.request('POST', '/v1/items', { as: owner, body: { sku: 'OTHER', name: 'O' } });
    for (const template of [...READS, `/v1/items/${other.id}`]) await api.get(url(template));
    await api.rows(sql`UPDATE items SET name = 'By psql' WHERE id = ${id}`);
    expect(await api.get(`/v1/items/${other.id}`)).toMatchObject({ body: other, sql: 0 });
    for (const template of READS) expect((await api.get(url(template))).text).toContain('"name":"By psql"');
  });

  it.each([
    ['id', `/v1/items/${LATER}`],
    ['SKU', '/v1/items/by-sku/LATER'],
    ['ids', `/v1/items/batch?ids=${LATER}`],
    ['filter', '/v1/items?sku=LATER'],
  ])('remembers that there is none by this %s, until there is one', async (_name, path) => {
    for (const cost of [1, 0]) {
      const reply = await api.get(path);
      expect({ cost: reply.sql, text: reply.text }).toEqual({ cost, text: expect.not.stringContaining('"LATER"') });
    }
    await api.rows(sql`INSERT INTO items (id, owner_id, sku, name) VALUES (${LATER}, ${owner.id}, 'LATER', 'Late')`);
    for (const cost of [1, 0]) {
      const reply = await api.get(path);
      expect({ cost: reply.sql, text: reply.text }).toEqual({ cost, text: expect.stringContaining('"LATER"') });
    }
    await api.rows(sql`DELETE FROM items WHERE id = ${LATER}`);
    expect((await api.get(path)).text).not.toContain('"LATER"');
  });

  it.each([
    [`/v1/items/${UNKNOWN}`, 404, 'item_not_found'],
    ['/v1/items/by-sku/lamp', 404, 'item_not_found'],
    ['/v1/items/by-sku/LAMP%20', 404, 'item_not_found'],
    ['/v1/items/7', 400, 'invalid_parameter'],
    [`/v1/items/${UNKNOWN}0`, 400, 'invalid_parameter'],
    [`/v1/items/by-sku/${'x'.repeat(65)}`, 400, 'invalid_parameter'],
    ['/v1/items/by-sku/%00', 400, 'invalid_parameter'],
    ['/v1/items/by-sku', 400, 'invalid_parameter'],
    ['/v1/items/batch', 400, 'invalid_parameter'],
    ['/v1/items/batch?ids=', 400, 'invalid_parameter'],
    ['/v1/items/batch?ids=a', 400, 'invalid_parameter'],
    [`/v1/items/batch?ids=${UNKNOWN}&fields=id`, 400, 'invalid_parameter'],
    [`/v1/items/${UNKNOWN}?fields=id`, 400, 'invalid_parameter'],
  ])('answers %.60s with %i', async (path, status, code) => {
    const reply = await api.get(path);
    expect(reply).toMatchObject({ status, body: { status, code }, headers: { 'cache-control': 'no-store' } });
    expect(reply.headers['etag']).toBeUndefined();
    expect(await api.request('HEAD', path)).toMatchObject({ status, text: '' });
  });

  it.each(['a/b', 'ü ß', '%', '?#&', '🦉'.repeat(64), "'; DROP TABLE items; --"])(
    'finds the SKU %s in a URL',
    async (sku) => {
      const { status, body } = await api.request('POST', '/v1/items', { as: owner, body: { sku, name: 'Odd' } });
      expect(status).toBe(201);
      expect((await api.get(`/v1/items/by-sku/${encodeURIComponent(sku)}`)).body).toEqual(body);
    },
  );

  describe('several at once', () => {
    it('answers in the order asked, and names those that are missing', async () => {
      const rows = await api.rows<{ id: string }>(sql`SELECT id FROM items ORDER BY sku LIMIT 3`);
      const [a = '', b = '', c = ''] = rows.map((row) => row.id);
      const read = (...ids: string[]) => api.get('/v1/items/batch', { query: { ids: ids.join(',') } });
      await api.forget();
      for (const cost of [1, 0]) {
        const { status, body, sql: paid } = await read(c, UNKNOWN, a, b.toUpperCase(), a);
        expect({ status, paid }).toEqual({ status: 200, paid: cost });
        expect(body.data.map((item: { id: string }) => item.id)).toEqual([c, a, b, a]);
        expect(body.data[1]).toEqual((await api.get(`/v1/items/${a}`)).body);
        expect(body.missing).toEqual([UNKNOWN]);
      }
      // Another question about known rows asks nothing; about known rows and one that changed, it asks for that one.
      expect(await read(a, c)).toMatchObject({ status: 200, sql: 0 });
      await api.rows(sql`UPDATE items SET stock = 77 WHERE id = ${b}`);
      expect(await read(b, a)).toMatchObject({
        status: 200,
        sql: 1,
        body: { data: [{ id: b, stock: 77 }, { id: a }] },
      });
    });

    it('answers a hundred, and refuses more by name', async () => {
      const ids = (count: number) => Array(count).fill(UNKNOWN).join(',');
      expect((await api.get('/v1/items/batch', { query: { ids: ids(100) } })).body.missing).toHaveLength(100);
      expect(await api.get('/v1/items/batch', { query: { ids: ids(101) } })).toMatchObject({
        status: 400,
        body: { errors: [{ code: 'too_many', parameter: 'ids' }] },
        sql: 0,
      });
    });
  });
});
