import { sql } from '@app/database';
import { type Account, type Ask, type Reply, TestApi } from '../../../../test/support/api';
import type { Item } from './item.entity';
import { merged } from './items.merge';
import { ItemsRepository } from './items.repository';

let api: TestApi;
let owner: Account;
let other: Account;
let serial = 0;

beforeAll(async () => {
  api = await TestApi.start();
  owner = await api.createAccount();
  other = await api.createAccount();
});
afterAll(() => api.close());

type Made = Pick<Item, 'id' | 'sku' | 'version' | 'attributes'>;

const create = async (content: object = {}): Promise<Made> => {
  const body = { sku: `RACE-${serial++}`, name: 'Lamp', ...content };
  return (await api.request('POST', '/v1/items', { as: owner, body })).body as Made;
};
const patch = (id: string, body: object, ask: Ask = {}): Promise<Reply> =>
  api.request('PATCH', `/v1/items/${id}`, { as: owner, body, ...ask });
const put = (sku: string, body: object, ask: Ask = {}): Promise<Reply> =>
  api.request('PUT', `/v1/items/by-sku/${sku}`, { as: owner, body, ...ask });
const twenty = <T>(work: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: 20 }, (_, n) => work(n)));
const statuses = (replies: readonly Reply[]): number[] => replies.map(({ status }) => status).sort();

describe('a write that changes nothing', () => {
  const content = { price: 5, currency: 'EUR', tags: ['a', 'b'], attributes: { a: 1, b: true, c: 'x' } };
  const place = async (id: string) => (await api.rows(sql`SELECT ctid, xmin, version FROM items WHERE id = ${id}`))[0];

  it.each([
    ['{}', {}],
    ['one field', { name: 'Lamp' }],
    ['all fields', { name: 'Lamp', description: null, stock: 0, ...content }],
    ['an attribute that is there', { attributes: { c: 'x' } }],
    ['no attribute', { attributes: { none: null } }],
  ])('leaves the row where it is: PATCH of %s', async (_name, changes) => {
    const item = await create(content);
    const before = await place(item.id);
    expect(await patch(item.id, changes)).toMatchObject({ status: 200, body: item });
    expect(await place(item.id)).toEqual(before);
  });

  it('leaves the row where it is: PUT', async () => {
    const item = await create(content);
    const before = await place(item.id);
    expect(await put(item.sku, { name: 'Lamp', ...content })).toMatchObject({ status: 200, body: item });
    expect(await place(item.id)).toEqual(before);
  });
});

describe('a patch of attributes', () => {
  const STORED = {
    a: 1,
    b: null,
    text: 'x',
    'ü/~"\\': true,
    tiny: 1.5e-7,
    huge: Number.MAX_SAFE_INTEGER,
    toString: 'own',
  };

  it.each<object>([
    { b: 'set' },
    { a: null, b: null, none: null },
    { a: 1.5, new: null, newer: null, newest: '' },
    { 'ü/~"\\': null, '{a,b}': '{"x"}', "it's": '$1' },
    { tiny: 1e-7, huge: Number.MIN_SAFE_INTEGER, negative: -0.1, toString: null, constructor: 'own' },
    Object.fromEntries(Array.from({ length: 57 }, (_, n) => [`k${n}`, n])),
  ])('means in SQL what it means in memory: %.60j', async (attributes) => {
    const item = await create({ attributes: STORED });
    const { status, body, sql: cost } = await patch(item.id, { attributes });
    const expected = merged({ attributes: STORED } as never, { attributes } as never).attributes;
    expect({ status, cost, attributes: body.attributes }).toEqual({ status: 200, cost: 1, attributes: expected });
  });

  it('may fill what the rule allows, though PostgreSQL writes it longer', async () => {
    const attributes = Object.fromEntries(
      Array.from({ length: 63 }, (_, n) => [`k${n}`, n < 13 ? 'x y '.repeat(2_496) : n]),
    );
    const room = 128 * 1024 - Buffer.byteLength(JSON.stringify({ ...attributes, last: '' }));
    const item = await create({ attributes });
    expect(await patch(item.id, { attributes: { last: 'z'.repeat(room + 1) } })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/attributes', code: 'too_long' }] },
    });
    expect((await patch(item.id, { attributes: { last: 'z'.repeat(room) } })).status).toBe(200);
  });
});

describe('twenty at once', () => {
  it('that patch different fields are all kept', async () => {
    const { id } = await create();
    const fields = [
      { name: 'New' },
      { stock: 7 },
      { price: 5, currency: 'EUR' },
      { tags: ['t'] },
      { description: 'D' },
    ];
    const replies = await twenty((n) => patch(id, n < 5 ? (fields[n] as object) : { attributes: { [`k${n}`]: n } }));
    expect(statuses(replies)).toEqual(Array(20).fill(200));
    const { body } = await api.get(`/v1/items/${id}`);
    expect(body).toMatchObject({ ...Object.assign({}, ...fields), version: 21 });
    expect(Object.keys(body.attributes)).toHaveLength(15);
    expect(new Set(replies.map(({ headers }) => headers['etag'])).size).toBe(20);
  });

  it('that set price and currency apart never leave one without the other', async () => {
    const { id } = await create({ price: 5, currency: 'EUR' });
    const replies = await twenty((n) => patch(id, n % 2 === 0 ? { price: null, currency: null } : { price: n }));
    for (const { status, body } of replies)
      if (status !== 200) expect([status, body.errors[0].pointer]).toEqual([422, '/currency']);
    const { body } = await api.get(`/v1/items/${id}`);
    expect(body.price === null).toBe(body.currency === null);
  });

  it('that PUT only if there is none: one creates, nineteen are refused', async () => {
    const replies = await twenty((n) => put('ONE', { name: `Name ${n}` }, { headers: { 'if-none-match': '*' } }));
    expect(statuses(replies)).toEqual([201, ...Array<number>(19).fill(412)]);
    const winner = replies.find(({ status }) => status === 201);
    expect((await api.get('/v1/items/by-sku/ONE')).body).toEqual(winner?.body);
  });

  it('that PUT for two owners: the first has it, the other may not', async () => {
    const replies = await twenty((n) => put('WHOSE', { name: `Name ${n}` }, { as: n % 2 === 0 ? owner : other }));
    expect(statuses(replies)).toEqual([...Array<number>(9).fill(200), 201, ...Array<number>(10).fill(403)]);
  });

  it('that DELETE: one does, the others find nothing', async () => {
    const { id } = await create();
    const replies = await twenty(() => api.request('DELETE', `/v1/items/${id}`, { as: owner }));
    expect(statuses(replies)).toEqual([204, ...Array<number>(19).fill(404)]);
  });

  it('that PUT finds what others delete and make again between its looks', async () => {
    const { id, sku } = await create();
    const rows = api.app.get(ItemsRepository);
    const original = rows.put.bind(rows);
    const name = (called: string) => api.rows(sql`UPDATE items SET sku = ${called} WHERE id = ${id}`);
    const asked = jest.spyOn(rows, 'put').mockImplementation(async (...row) => {
      if (asked.mock.calls.length === 2) await name(sku);
      const done = await original(...row);
      if (asked.mock.calls.length === 1) await name(`${sku}-GONE`);
      return done;
    });
    try {
      // Nothing is to be changed, so that the first look ends without a row.
      expect(await put(sku, { name: 'Lamp' })).toMatchObject({ status: 200, body: { id, sku } });
      expect(asked).toHaveBeenCalledTimes(2);
    } finally {
      asked.mockRestore();
    }
  });

  it('that PUT and DELETE in turn leave it there or not, and fail in no other way', async () => {
    const replies = await twenty(async (n) => {
      if (n % 2 === 0) return put('COMES-AND-GOES', { name: `Name ${n % 4}` });
      const found = await api.get('/v1/items/by-sku/COMES-AND-GOES');
      return found.status === 404 ? found : api.request('DELETE', `/v1/items/${found.body.id}`, { as: owner });
    });
    for (const { status } of replies) expect([200, 201, 204, 404]).toContain(status);
  });
});
