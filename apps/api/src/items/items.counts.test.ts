import { sql } from '@app/database';
import { Telemetry } from '@app/telemetry';
import { type Account, TestApi } from '../../../../test/support/api';

let api: TestApi;
let owner: Account;
let statements: string[] = [];
let serial = 0;

beforeAll(async () => {
  api = await TestApi.start();
  owner = await api.createAccount();
  api.app.get(Telemetry).on('database.statement', ({ sql: text }) => statements.push(text));
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.rows(sql`DELETE FROM items`);
  for (let n = 0; n < 7; n++) await create();
  statements = [];
});

const create = async (content: object = {}): Promise<string> => {
  const body = { sku: `COUNT-${serial++}`, name: 'Lamp', tags: ['t'], ...content };
  return ((await api.request('POST', '/v1/items', { as: owner, body })).body as { id: string }).id;
};

/** What each page says of the count, and how many statements it took. */
async function walk(query: Record<string, string>): Promise<[value: number, kind: string, cost: number][]> {
  const pages: [number, string, number][] = [];
  for (let cursor: string | null = null; ;) {
    const reply = await api.get('/v1/items', { query: { ...query, limit: '2', ...(cursor !== null && { cursor }) } });
    const { count, next } = reply.body.page as { count: { value: number; kind: string }; next: string | null };
    pages.push([count.value, count.kind, reply.sql]);
    cursor = next;
    if (cursor === null) return pages;
  }
}

it.each(['exact', 'estimated'])('an %s count is taken once for all pages, orders and fields', async (kind) => {
  const [first, ...rest] = await walk({ count: kind, tag: 't' });
  const value = kind === 'exact' ? 7 : first?.[0];
  expect(first).toEqual([value, kind, 2]);
  expect(rest).toEqual(Array(3).fill([value, kind, 1]));
  expect(await walk({ count: kind, tag: 't', sort: 'name', fields: 'sku' })).toEqual(Array(4).fill([value, kind, 1]));
});

it('is of its filter alone, and of its kind', async () => {
  await create({ tags: ['u'] });
  expect((await walk({ count: 'exact' }))[0]).toEqual([8, 'exact', 2]);
  expect((await walk({ count: 'exact', tag: 't' }))[0]).toEqual([7, 'exact', 2]);
  expect((await walk({ count: 'exact', tag: 'u' }))[0]).toEqual([1, 'exact', 2]);
  expect((await walk({ count: 'estimated', tag: 'u' }))[0]?.slice(1)).toEqual(['estimated', 2]);
});

it('is taken again after any change, here or behind the service', async () => {
  await walk({ count: 'exact' });
  const id = await create();
  expect((await walk({ count: 'exact' })).map(([value, , cost]) => [value, cost])).toEqual([
    [8, 2],
    ...Array<number[]>(3).fill([8, 1]),
  ]);
  await api.rows(sql`DELETE FROM items WHERE id = ${id}`);
  expect((await walk({ count: 'exact' }))[0]).toEqual([7, 'exact', 2]);
});

it('a list of some fields reads these columns and no others', async () => {
  const { body, sql: cost } = await api.get('/v1/items', { query: { fields: 'id,name' } });
  expect([body.data.length, Object.keys(body.data[0]), cost]).toEqual([7, ['id', 'name'], 1]);
  expect(statements).toHaveLength(1);
  for (const column of ['description', 'attributes', 'tags', '*']) expect(statements[0]).not.toContain(column);
});

it('a list with owners gathers them in one statement, or in none', async () => {
  const other = await api.createAccount();
  await api.request('POST', '/v1/items', { as: other, body: { sku: `COUNT-${serial++}`, name: 'Theirs' } });
  await api.forget();
  const read = (sort: string) => api.get('/v1/items', { query: { include: 'owner', fields: 'id', sort } });
  const first = await read('name');
  expect(new Set(first.body.data.map((item: { owner: { id: string } }) => item.owner.id))).toEqual(
    new Set([owner.id, other.id]),
  );
  expect([first.sql, (await read('-name')).sql]).toEqual([2, 1]);
});
