import { type Account, TestApi } from '../../../../test/support/api';

const GOODS = [
  { sku: 'NAME', name: 'Frightened figures running' },
  { sku: 'TAG', name: 'Oil on canvas', tags: ['figure', 'frightened'] },
  { sku: 'ATTR', name: 'Watercolour', attributes: { title: 'Frightened figures', year: 1805, on: true } },
  { sku: 'TEXT', name: 'Chalk', description: 'In the foreground, figures, frightened by thunder.' },
  { sku: 'ONE', name: 'A figure', description: 'It is calm.' },
  { sku: 'LAMP-001', name: 'Brass lamp', description: 'Über-größe; café.', tags: ['boat, sailing'] },
];

describe('full-text search', () => {
  let api: TestApi;
  let owner: Account;

  beforeAll(async () => {
    api = await TestApi.start();
    owner = await api.createAccount();
    const operations = GOODS.map((item) => ({ op: 'create', item }));
    const { status } = await api.request('POST', '/v1/items/batch', { as: owner, body: { operations } });
    expect(status).toBe(200);
  });

  afterAll(() => api.close());

  const search = async (q: string, more = {}): Promise<string[]> => {
    await api.forget();
    const { status, body, sql } = await api.get('/v1/items', { query: { q, ...more } });
    expect({ q, status, sql }).toEqual({ q, status: 200, sql: 1 });
    expect(await api.get('/v1/items', { query: { q, ...more } })).toMatchObject({ status: 200, sql: 0, body });
    return body.data.map(({ sku }: { sku: string }) => sku);
  };

  it('puts the best match first: name, then tags, attributes, description', async () => {
    expect(await search('frightened figures')).toEqual(['NAME', 'TAG', 'ATTR', 'TEXT']);
  });

  it.each([
    ['figures', ['NAME', 'TAG', 'ATTR', 'TEXT', 'ONE']],
    ['figure -frightened', ['ONE']],
    ['"frightened figures"', ['NAME', 'ATTR']],
    ['calm or thunder', ['ONE', 'TEXT']],
    ['FRIGHTENED Run', ['NAME']],
    ['watercolour', ['ATTR']],
    ['sailing boats', ['LAMP-001']],
    ['über-größe', ['LAMP-001']],
    ['café', ['LAMP-001']],
    ['LAMP-001', ['LAMP-001']],
    ['lamp-001', ['LAMP-001']],
    ['nowhere', []],
    ['the', []],
    ['-', []],
    ['"', []],
    ["'", []],
    ['!&|():*<->', []],
    ["figure:* & 'x' \\", []],
    ['()'.repeat(250), []],
    ['"'.repeat(499), []],
  ])('finds %j', async (q, expected) => expect((await search(q)).sort()).toEqual([...expected].sort()));

  it('is sorted otherwise when asked to', async () => {
    expect(await search('figures', { sort: 'name' })).toEqual(['ONE', 'TEXT', 'NAME', 'TAG', 'ATTR']);
  });

  it('walks its pages in the order of the ranks, both ways, each item once', async () => {
    const whole = await search('figures');
    for (const limit of ['1', '2', '3']) {
      const query = { q: 'figures', limit };
      const pages = [await api.get('/v1/items', { query })];
      for (let next = pages[0]?.body.page.next; next !== null; next = pages.at(-1)?.body.page.next)
        pages.push(await api.get('/v1/items', { query: { ...query, cursor: next } }));
      expect(pages.flatMap(({ body }) => body.data.map(({ sku }: { sku: string }) => sku))).toEqual(whole);
      for (const [index, { body }] of pages.entries()) {
        if (index === 0) continue;
        const back = await api.get('/v1/items', { query: { ...query, cursor: body.page.previous } });
        expect(back.body.data).toEqual(pages[index - 1]?.body.data);
      }
    }
  });

  it.each([
    '-'.repeat(60),
    '- '.repeat(100),
    `${'-'.repeat(60)}lamp`,
    '-"'.repeat(60),
    '-lamp '.repeat(80),
    '("-'.repeat(60),
    '- -lamp or '.repeat(40),
    '"'.repeat(99),
    ' or '.repeat(99),
  ])('survives %j', async (q) => {
    expect((await api.get('/v1/items', { query: { q } })).status).toBe(200);
  });

  it('links to the same search, question marks and all', async () => {
    const { headers } = await api.get('/v1/items?limit=1&q=figures?&sort=name&fields=id');
    const [, next = ''] = /<([^>]+)>; rel="next"/.exec(headers['link'] ?? '') ?? [];
    expect((await api.get(next)).status).toBe(200);
    expect(next).toContain('sort=name');
  });

  it('pages by names that take much room', async () => {
    const name = String.fromCharCode(1).repeat(320);
    for (const sku of ['CONTROL-1', 'CONTROL-2'])
      await api.request('POST', '/v1/items', { as: owner, body: { sku, name } });
    const first = await api.get('/v1/items', { query: { sort: 'name', limit: '1' } });
    const second = await api.get('/v1/items', { query: { sort: 'name', limit: '1', cursor: first.body.page.next } });
    expect(second.body.data[0].name).toBe(name);
  });
});
