import { sql } from '@app/database';
import { type Account, type Reply, TestApi } from '../../../../test/support/api';
import { SORTS } from './items.query.dto';

interface Row {
  id: string;
  sku: string;
  name: string;
  price: number | null;
  createdAt: string;
  updatedAt: string;
}
type Query = Record<string, string | string[]>;

const ROWS = 13;

describe('pages of the list', () => {
  let api: TestApi;
  let owner: Account;
  /** Since the items changed last. */
  const seen = new Map<string, string>();

  beforeAll(async () => {
    api = await TestApi.start();
    owner = await api.createAccount();
  });

  afterAll(() => api.close());

  /** Half of the prices are null, and every value that one may sort by occurs more than once. */
  beforeEach(async () => {
    await change(sql`DELETE FROM items`);
    await add(...Array.from({ length: ROWS }, (_, n) => n));
  });

  const change = async (statement: ReturnType<typeof sql>): Promise<void> => {
    await api.rows(statement);
    seen.clear();
  };

  async function add(...numbers: number[]): Promise<void> {
    const operations = numbers.map((n) => ({
      op: 'create',
      item: {
        sku: `SKU-${n}`,
        name: ['ä', 'A', 'a', 'ß b', 'Z'][n % 5],
        ...(n % 2 === 0 && { price: n % 3, currency: 'EUR' }),
      },
    }));
    const { status } = await api.request('POST', '/v1/items/batch', { as: owner, body: { operations } });
    expect(status).toBe(200);
    await change(sql`UPDATE items SET created_at = '2020-01-01'::timestamptz + ascii(right(sku, 1)) % 4 * interval '1 ms',
      updated_at = '2020-01-01'::timestamptz + ascii(right(sku, 1)) % 3 * interval '1 day' WHERE created_at > '2021-01-01'`);
  }

  /** One statement for a new question, none for the same once more. */
  const page = async (query: Query): Promise<Reply> => {
    const question = JSON.stringify(Object.entries(query).sort());
    const { status, text, sql: cost, ...rest } = await api.get('/v1/items', { query });
    const expected = { query, status: 200, cost: seen.has(question) ? 0 : 1, text: seen.get(question) ?? text };
    expect({ query, status, cost, text }).toEqual(expected);
    seen.set(question, text);
    return { status, text, sql: cost, ...rest };
  };

  /** The SKUs of all pages in one direction; `between` is called after each page. */
  async function walk(
    query: Query,
    link: 'next' | 'previous' = 'next',
    between = async (_page: number) => {},
  ): Promise<string[][]> {
    const pages: string[][] = [];
    for (let cursor: string | null = null; ;) {
      const { body }: Reply = await page({ ...query, ...(cursor !== null && { cursor }) });
      pages.push(body.data.map(({ sku }: Row) => sku));
      cursor = body.page[link];
      if (cursor === null) return pages;
      expect(pages.length).toBeLessThanOrEqual(3 * ROWS);
      await between(pages.length);
    }
  }

  async function inOrder(sort: string): Promise<string[]> {
    const { body } = await page({ limit: '100' });
    const by = sort.replace('-', '') as keyof Row;
    const direction = sort.startsWith('-') ? -1 : 1;
    const order = (a: Row, b: Row): number => {
      const [x, y] = [a[by], b[by]];
      if (x === null || y === null) return x === y ? direction * (a.id < b.id ? -1 : 1) : x === null ? 1 : -1;
      return direction * (x < y || (x === y && a.id < b.id) ? -1 : 1);
    };
    return (body.data as Row[]).sort(order).map(({ sku }) => sku);
  }

  it.each(SORTS)('sorted by %s give every item once, forward and backward, whatever their size', async (sort) => {
    const expected = await inOrder(sort);
    expect(new Set(expected).size).toBe(ROWS);
    for (const limit of [1, 2, 3, 4, 6, 7, 12, 13, 14, 100]) {
      const query = { sort, limit: String(limit) };
      const forward = await walk(query);
      expect({ query, found: forward.flat() }).toEqual({ query, found: expected });
      expect(forward.map((one) => one.length).slice(0, -1)).toEqual(Array(forward.length - 1).fill(limit));
      if (forward.length === 1) continue;

      // To the last page, and from there back: full pages from the end on.
      let last = (await page(query)).body.page;
      for (let n = 1; n < forward.length; n++) last = (await page({ ...query, cursor: last.next })).body.page;
      const backward = await walk({ ...query, cursor: last.previous }, 'previous').then((pages) =>
        pages.reverse().flat(),
      );
      expect({ query, found: backward }).toEqual({ query, found: expected.slice(0, -(forward.at(-1)?.length ?? 0)) });
    }
  });

  it('sort by the newest first unless told otherwise', async () => {
    expect((await walk({ limit: '5' })).flat()).toEqual(await inOrder('-createdAt'));
  });

  it('lead back to where one came from', async () => {
    for (const sort of SORTS) {
      const first = await page({ sort, limit: '4' });
      const second = await page({ sort, limit: '4', cursor: first.body.page.next });
      const back = await page({ sort, limit: '4', cursor: second.body.page.previous });
      expect(first.body.page.previous).toBeNull();
      expect(back.body).toEqual({ ...first.body, page: { ...first.body.page, next: expect.any(String) } });
      const again = await page({ sort, limit: '4', cursor: back.body.page.next });
      expect(again.body.data).toEqual(second.body.data);
    }
  });

  it.each(SORTS)('give all of many items that have the same %s', async (sort) => {
    await change(
      sql`UPDATE items SET name = 'Same', price = 5, currency = 'EUR', created_at = '2020-01-01', updated_at = '2020-01-01'`,
    );
    const pages = await walk({ sort, limit: '3' });
    expect(pages.flat()).toEqual(await inOrder(sort));
    expect(new Set(pages.flat()).size).toBe(ROWS);
  });

  const DIRECTIONS = SORTS.flatMap((sort) => [[sort, 'next'] as const, [sort, 'previous'] as const]);

  it.each(DIRECTIONS)('sorted by %s give what stays once to %s, while items come and go', async (sort, link) => {
    const going = ['SKU-0', 'SKU-4', 'SKU-5', 'SKU-9', 'SKU-10'];
    const first = await page({ sort, limit: String(ROWS - 1) });
    const last = await page({ sort, limit: '1', cursor: first.body.page.next });
    const start: Query = link === 'next' ? {} : { cursor: last.body.page.previous };
    const staying = first.body.data.map(({ sku }: Row) => sku).filter((sku: string) => !going.includes(sku));
    const pages = await walk({ sort, limit: '2', ...start }, link, async (n) => {
      await change(sql`DELETE FROM items WHERE sku = ${going[n - 1] ?? ''}`);
      if (n < 5) await add(2 * n + 100, 2 * n + 101);
    });
    const found = pages.flat();
    expect(found.filter((sku) => staying.includes(sku)).sort()).toEqual([...staying].sort());
    expect(new Set(found).size).toBe(found.length);
  });

  it.each(DIRECTIONS)('sorted by %s lead back from %s where nothing is left', async (sort, link) => {
    const first = await page({ sort, limit: '4' });
    const second = await page({ sort, limit: '100', cursor: first.body.page.next });
    const [gone, left, cursor] =
      link === 'next' ? [second, first, first.body.page.next] : [first, second, second.body.page.previous];
    const skus = gone.body.data.map(({ sku }: Row) => sku);
    await change(sql`DELETE FROM items WHERE sku = ANY(${skus})`);
    const { body } = await page({ sort, limit: '100', cursor });
    const back = link === 'next' ? 'previous' : 'next';
    expect(body).toMatchObject({ data: [], page: { [link]: null, [back]: expect.any(String) as string } });
    expect((await page({ sort, limit: '100', cursor: body.page[back] })).body.data).toEqual(left.body.data);
  });

  it('are linked in the header, too', async () => {
    const query = { limit: '3', sort: 'name', q: 'b or Z or ß or ä', fields: 'sku' };
    const url = (cursor?: string) =>
      `/v1/items?${new URLSearchParams({ ...query, ...(cursor && { cursor }) }).toString()}`;
    const links = ({ headers, body }: Reply) => {
      const entries = [...(headers['link'] ?? '').matchAll(/<([^>]*)>; rel="(\w+)"/g)].map(
        ([, to, rel]) => [rel, to] as const,
      );
      return { found: Object.fromEntries(entries), page: body.page as { next: string; previous: string } };
    };
    const first = links(await page(query));
    expect(Object.keys(first.found)).toEqual(['first', 'next']);
    const second = links(await api.get(first.found['next'] ?? ''));
    expect(Object.keys(second.found)).toEqual(['first', 'prev', 'next']);
    expect((await api.get(first.found['next'] ?? '')).body).toEqual((await api.get(url(first.page.next))).body);
    expect((await api.get(second.found['prev'] ?? '')).body.data).toEqual((await api.get(url())).body.data);
    expect((await api.get(second.found['first'] ?? '')).body).toEqual((await api.get(url())).body);
  });

  it('have twenty items unless told otherwise, and are empty where there is nothing', async () => {
    await add(...Array.from({ length: 10 }, (_, n) => 100 + n));
    const { body } = await page({});
    expect(body.data).toHaveLength(20);
    expect(body.page).toEqual({ limit: 20, next: expect.any(String), previous: null, count: null });
    const none = await page({ sku: 'NONE' });
    expect(none.body).toEqual({ data: [], page: { limit: 20, next: null, previous: null, count: null } });
    expect(none.headers['link']).toBe('</v1/items?sku=NONE>; rel="first"');
  });
});
