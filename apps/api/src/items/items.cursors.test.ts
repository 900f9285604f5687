import { type Account, TestApi } from '../../../../test/support/api';

type Query = Record<string, string | string[]>;

describe('cursors of the list', () => {
  let api: TestApi;
  let owner: Account;
  let cursor: string;
  const LISTED = { tag: 'x', sort: 'name', limit: '2' };

  beforeAll(async () => {
    api = await TestApi.start();
    owner = await api.createAccount();
    const operations = Array.from({ length: 6 }, (_, n) => ({
      op: 'create',
      item: { sku: `SKU-${n}`, name: `Name ${n}`, tags: ['x', 'y'] },
    }));
    await api.request('POST', '/v1/items/batch', { as: owner, body: { operations } });
    cursor = (await api.get('/v1/items', { query: LISTED })).body.page.next;
  });

  afterAll(() => api.close());

  const refuses = async (query: Query): Promise<void> => {
    const { status, body, sql } = await api.get('/v1/items', { query });
    expect({ query, status, body, sql }).toMatchObject({
      query,
      status: 400,
      body: { code: 'invalid_parameter', errors: [{ parameter: 'cursor' }] },
      sql: 0,
    });
  };

  it('say nothing to whoever looks at them, and fit into a URL', () => {
    expect(cursor).toMatch(/^[\w-]{20,200}$/);
  });

  it.each([
    ['another page size', { limit: '3' }],
    ['other fields', { fields: 'sku' }],
    ['owners', { include: 'owner' }],
    ['a count', { count: 'exact' }],
  ])('may be used with %s', async (_name, more) => {
    const { status, body } = await api.get('/v1/items', { query: { ...LISTED, cursor, ...more } });
    expect(status).toBe(200);
    expect(body.data[0].sku).toBe('SKU-2');
  });

  it.each<[string, Query]>([
    ['another tag', { ...LISTED, tag: 'y' }],
    ['one tag more', { ...LISTED, tag: ['x', 'y'] }],
    ['no tag', { sort: 'name' }],
    ['another filter', { ...LISTED, stockMin: '0' }],
    ['a search', { ...LISTED, q: 'name' }],
    ['the other direction', { ...LISTED, sort: '-name' }],
    ['another sort', { ...LISTED, sort: 'price' }],
    ['no sort', { tag: 'x' }],
  ])('are refused with %s', async (_name, query) => refuses({ ...query, cursor }));

  it('are refused when they are cut, longer, or changed anywhere', async () => {
    for (let length = 1; length < cursor.length; length++)
      await refuses({ ...LISTED, cursor: cursor.slice(0, length) });
    await refuses({ ...LISTED, cursor: `${cursor}AAAA` });
    const bytes = Buffer.from(cursor, 'base64url');
    for (const [index, byte] of bytes.entries()) {
      const forged = Buffer.from(bytes);
      forged[index] = byte ^ 1;
      await refuses({ ...LISTED, cursor: forged.toString('base64url') });
    }
  });

  it.each([
    ['nothing', ''],
    ['a word', 'next'],
    ['a page number', '2'],
    [
      'JSON without a signature',
      Buffer.from('[0,"01941f29-7c00-7a3b-9c4d-5e6f70819203","Name 1"]').toString('base64url'),
    ],
    ['SQL', "') OR 1=1 --"],
    ['too much', 'A'.repeat(2_001)],
  ])('are refused when they are %s', async (_name, forged) => refuses({ ...LISTED, cursor: forged }));

  it('are refused when there are two', async () => refuses({ ...LISTED, cursor: [cursor, cursor] }));

  it('are those of this service’s secret', async () => {
    const stranger = await TestApi.start({ jwtSecret: 'another secret that is used in tests only, 32 bytes' });
    try {
      expect((await stranger.get('/v1/items', { query: { ...LISTED, cursor } })).status).toBe(400);
    } finally {
      await stranger.close();
    }
  });
});
