import { sql } from '@app/database';
import { type Account, TestApi } from '../../../../test/support/api';

interface Row {
  id: string;
  sku: string;
  name: string;
  price: number | null;
  currency: string | null;
  stock: number;
  tags: string[];
  attributes: Record<string, unknown>;
  ownerId: string;
  updatedAt: string;
}
type Query = Record<string, string | string[]>;
type Matches = (row: Row) => boolean;

const ROWS = 48;
const LONG = ':'.padStart(199, 'l');
const MIDDLE = '2021-06-15T12:00:00.000Z';

/** Every combination of the remainders is there, so that each filter and each pair of filters matches some and not all. */
const content = (n: number) => ({
  sku: `SKU-${n}`,
  name: `Name ${n % 7}`,
  price: n % 2 === 0 ? null : n * 10,
  currency: n % 2 === 0 ? null : n % 3 === 0 ? 'EUR' : 'USD',
  stock: n % 5,
  tags: ['a', 'b, c', 'ü:d'].filter((_, bit) => (n >> bit) & 1),
  attributes: {
    colour: n % 3 === 0 ? 'red' : 'light blue',
    size: (n % 4) + 0.5,
    tiny: n % 4 === 0 ? 1e-7 : n % 4 === 1 ? '1e-7' : -0.25,
    sold: n % 2 === 0,
    ...(n % 5 === 0 && { note: null }),
    'ü/k': n % 6 === 0 ? 'a:b:c' : '',
    long: `${LONG}${n % 2 === 0 ? '🦉' : 'x'}${n % 3}`,
  },
});

describe('filters of the list', () => {
  let api: TestApi;
  let owners: Account[];
  let rows: Row[];

  beforeAll(async () => {
    api = await TestApi.start();
    owners = [await api.createAccount(), await api.createAccount()];
    for (const [index, as] of owners.entries()) {
      const numbers = Array.from({ length: ROWS / 2 }, (_, n) => n * 2 + (index === 0 ? n & 1 : 1 - (n & 1)));
      const operations = numbers.map((n) => ({ op: 'create', item: content(n) }));
      await api.request('POST', '/v1/items/batch', { as, body: { operations } });
    }
    await api.rows(sql`UPDATE items SET updated_at = CASE WHEN stock < 3 THEN ${MIDDLE}::timestamptz - interval '1 ms'
      ELSE ${MIDDLE}::timestamptz END`);
    rows = (await api.get('/v1/items', { query: { limit: '100' } })).body.data;
    expect(rows).toHaveLength(ROWS);
  });

  afterAll(() => api.close());

  const list = async (query: Query, cost = 2): Promise<string[]> => {
    const {
      status,
      body,
      sql: paid,
    } = await api.get('/v1/items', { query: { limit: '100', count: 'exact', ...query } });
    expect({ query, status, paid, counted: body.page?.count }).toEqual({
      query,
      status: 200,
      paid: cost,
      counted: { kind: 'exact', value: body.data.length },
    });
    return body.data.map(({ sku }: Row) => sku).sort();
  };
  const skus = (matches: Matches): string[] =>
    rows
      .filter(matches)
      .map(({ sku }) => sku)
      .sort();

  const FILTERS: [name: string, query: () => Query, matches: Matches][] = [
    ['one tag', () => ({ tag: 'a' }), ({ tags }) => tags.includes('a')],
    ['two tags', () => ({ tag: ['b, c', 'ü:d'] }), ({ tags }) => tags.includes('b, c') && tags.includes('ü:d')],
    ['SKUs', () => ({ sku: ['SKU-3', 'SKU-4', 'SKU-5', 'SKU-6', 'SKU-7', 'NONE'] }), ({ sku }) => /-[3-7]$/.test(sku)],
    ['an owner', () => ({ ownerId: owners[0]?.id ?? '' }), ({ ownerId }) => ownerId === owners[0]?.id],
    ['a least price', () => ({ priceMin: '150' }), ({ price }) => price !== null && price >= 150],
    ['a greatest price', () => ({ priceMax: '150' }), ({ price }) => price !== null && price <= 150],
    ['a currency', () => ({ currency: 'EUR' }), ({ currency }) => currency === 'EUR'],
    ['a least stock', () => ({ stockMin: '2' }), ({ stock }) => stock >= 2],
    ['a time of change', () => ({ updatedSince: MIDDLE }), ({ stock }) => stock >= 3],
    [
      'a text attribute',
      () => ({ attr: 'colour:light blue' }),
      ({ attributes }) => attributes['colour'] === 'light blue',
    ],
    ['a number', () => ({ attr: 'size:2.5' }), ({ attributes }) => attributes['size'] === 2.5],
    ['an exponent', () => ({ attr: 'tiny:1e-7' }), ({ attributes }) => Number(attributes['tiny']) === 1e-7],
    ['a number spelt otherwise', () => ({ attr: 'tiny:-2.50E-1' }), ({ attributes }) => attributes['tiny'] === -0.25],
    ['true', () => ({ attr: 'sold:true' }), ({ attributes }) => attributes['sold'] === true],
    ['null', () => ({ attr: 'note:null' }), ({ attributes }) => attributes['note'] === null],
    ['an empty attribute', () => ({ attr: 'ü/k:' }), ({ attributes }) => attributes['ü/k'] === ''],
    ['colons', () => ({ attr: 'ü/k:a:b:c' }), ({ attributes }) => attributes['ü/k'] === 'a:b:c'],
    ['a long attribute', () => ({ attr: `long:${LONG}🦉1` }), ({ attributes }) => attributes['long'] === `${LONG}🦉1`],
    ['a prefix of one', () => ({ attr: `long:${LONG}🦉` }), () => false],
    [
      'two attributes',
      () => ({ attr: ['colour:red', 'sold:false'] }),
      (row) => row.attributes['colour'] === 'red' && !row.attributes['sold'],
    ],
    ['a search', () => ({ q: '"name 3"' }), ({ name }) => name === 'Name 3'],
  ];

  it.each(FILTERS)('finds by %s', async (name, query, matches) => {
    for (const cost of [2, 0]) expect(await list(query(), cost)).toEqual(skus(matches));
    if (name !== 'a prefix of one') expect(skus(matches).length % ROWS).toBeGreaterThan(0);
  });

  it('joins any two filters by and', async () => {
    for (const [index, [, first, firstMatches]] of FILTERS.entries())
      for (const [, second, secondMatches] of FILTERS.slice(index + 1)) {
        const query = first();
        for (const [name, value] of Object.entries(second()))
          query[name] = name === 'tag' || name === 'attr' ? [query[name] ?? [], value].flat() : value;
        const isReplaced = Object.keys(second()).some((name) => name in first() && name !== 'tag' && name !== 'attr');
        const expected = skus((row) => (isReplaced || firstMatches(row)) && secondMatches(row));
        expect({ query, found: await list(query) }).toEqual({ query, found: expected });
      }
  });

  it('takes a time of any zone and precision', async () => {
    for (const updatedSince of ['2021-06-15T14:00:00+02:00', '2021-06-15T11:59:59.9991Z'])
      expect(await list({ updatedSince })).toEqual(skus(({ stock }) => stock >= 3));
    expect(await list({ updatedSince: '2021-06-15T12:00:00.001Z' })).toEqual([]);
  });

  it('takes questions that are put differently for the same', async () => {
    const cost = async (query: string) => (await api.get(`/v1/items?${query}`)).sql;
    expect(await cost('tag=a&stockMin=1')).toBe(1);
    for (const same of ['stockMin=1&tag=a', 'stockMin=1&tag=%61&limit=20&count=none'])
      expect({ same, cost: await cost(same) }).toEqual({ same, cost: 0 });
    for (const other of ['stockMin=2&tag=a', 'stockMin=1&tag=A', 'stockMin=1&tag=a&limit=21'])
      expect({ other, cost: await cost(other) }).toEqual({ other, cost: 1 });
  });

  describe('count', () => {
    it('is null unless asked for', async () => {
      expect((await api.get('/v1/items')).body.page.count).toBeNull();
      expect((await api.get('/v1/items', { query: { count: 'none' } })).body.page.count).toBeNull();
    });

    it('is exact, or the planner’s estimate, of all pages', async () => {
      await api.rows(sql`ANALYZE items`);
      const count = async (query: Query) =>
        (await api.get('/v1/items', { query: { limit: '1', ...query } })).body.page.count;
      expect(await count({ count: 'exact', attr: 'colour:red' })).toEqual({ kind: 'exact', value: ROWS / 3 });
      expect(await count({ count: 'estimated', attr: 'colour:red' })).toEqual({ kind: 'estimated', value: ROWS / 3 });
      expect(await count({ count: 'estimated' })).toEqual({ kind: 'estimated', value: ROWS });
    });
  });

  describe('fields and include', () => {
    const first = async (query: Query) => {
      const { status, body, sql: cost } = await api.get('/v1/items', { query: { sku: 'SKU-3', ...query } });
      expect(status).toBe(200);
      return { item: body.data[0], cost };
    };
    const owner = () => ({ id: rows.find(({ sku }) => sku === 'SKU-3')?.ownerId, displayName: 'Test Person' });

    it('shows only the fields asked for', async () => {
      const { id, name, price } = rows.find(({ sku }) => sku === 'SKU-3') as Row;
      for (const cost of [1, 0]) expect(await first({ fields: 'price,name' })).toEqual({ item: { price, name }, cost });
      expect(await first({ fields: 'id,id' })).toEqual({ item: { id }, cost: 1 });
      for (const field of Object.keys(rows[0] as Row))
        expect(Object.keys((await first({ fields: field })).item)).toEqual([field]);
    });

    it('adds the owner’s public profile, and nothing private', async () => {
      const { item, cost } = await first({ include: 'owner' });
      expect(cost).toBe(2);
      expect(await first({ include: 'owner' })).toEqual({ item, cost: 0 });
      expect(item.owner).toEqual({ ...owner(), createdAt: expect.any(String) });
      expect(item).toMatchObject({ sku: 'SKU-3', ownerId: item.owner.id });
      expect((await first({ include: 'owner', fields: 'sku' })).item).toEqual({ sku: 'SKU-3', owner: item.owner });
    });

    it('shows the owner’s new name at once', async () => {
      const { id } = owner();
      const before = (await first({ include: 'owner', stockMin: '1' })).item;
      await api.rows(sql`UPDATE users SET display_name = 'Renamed' WHERE id = ${id}`);
      const renamed = { ...before, owner: { ...before.owner, displayName: 'Renamed' } };
      for (const cost of [2, 0])
        expect(await first({ include: 'owner', stockMin: '1' })).toEqual({ item: renamed, cost });
      // What was built without the owner still holds.
      expect(await first({ fields: 'price,name' })).toMatchObject({ cost: 0 });
      await api.rows(sql`UPDATE users SET display_name = 'Test Person' WHERE id = ${id}`);
    });

    it('reads the owners of a page with one statement, and has null for one who left', async () => {
      await api.rows(
        sql`UPDATE users SET email = NULL, status = 'deleted', password_hash = NULL WHERE id = ${owners[1]?.id}`,
      );
      const read = () => api.get('/v1/items', { query: { limit: '100', include: 'owner' } });
      const { body, sql: cost } = await read();
      expect(cost).toBe(2);
      expect(await read()).toMatchObject({ body, sql: 0 });
      for (const { ownerId, owner: shown } of body.data)
        expect(shown).toEqual(
          ownerId === owners[1]?.id ? null : { ...owner(), id: ownerId, createdAt: expect.any(String) },
        );
    });
  });
});
