import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Database, sql } from '@app/database';
import { type Account, TestApi } from '../../../../test/support/api';

let api: TestApi;
let owner: Account;
let port: number;

const NASTY = ['a,b', 'a"b', '""', 'a\r\nb', '\r', '\n', ' a ', '|', '=1+1', 'äöü €😀', '\u2028', 'null', '{}', "'"];

const importing = (target: TestApi, as: Account, body: string, type: string) =>
  target.request('POST', '/v1/items/import', { as, headers: { 'content-type': type }, body });

const linesOf = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

beforeAll(async () => {
  api = await TestApi.start();
  owner = await api.createAccount();
  const lines = [
    { sku: 'bare', name: 'Bare' },
    { sku: 'full', name: 'Full', price: 9_007_199_254_740_991, currency: 'JPY', stock: 1, tags: ['sea', 'boat'] },
    ...NASTY.map((text, n) => ({
      sku: `nasty-${n}`,
      name: text,
      description: n % 2 === 0 ? text : '',
      tags: [text, `${text}|`],
      attributes: { [text]: text, number: -1.5e-7, big: -(2 ** 53 - 1), yes: true, none: null },
    })),
  ].map((line) => JSON.stringify(line));
  await importing(api, owner, lines.join('\n'), 'application/x-ndjson');
  await api.app.listen(0, '127.0.0.1');
  port = (api.app.getHttpServer().address() as AddressInfo).port;
});

afterAll(() => api.close());

it('gives every item as it is read alone', async () => {
  const { status, headers, text, sql: statements } = await api.get('/v1/items/export');
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    'content-type': 'application/x-ndjson; charset=utf-8',
    'content-disposition': 'attachment; filename="items.ndjson"',
    'cache-control': 'no-store',
  });
  expect(headers).not.toHaveProperty('etag');
  expect(statements).toBe(5);
  const items = linesOf(text);
  expect(items).toHaveLength(2 + NASTY.length);
  for (const item of items) expect((await api.get(`/v1/items/${item['id'] as string}`)).body).toEqual(item);
});

it.each([
  ['ndjson', 'application/x-ndjson'],
  ['csv', 'text/csv'],
])('as %s it makes the same items elsewhere', async (format, type) => {
  const { text } = await api.get('/v1/items/export', { query: { format } });
  const elsewhere = await TestApi.start();
  const other = await elsewhere.createAccount();
  expect((await importing(elsewhere, other, text, type)).body).toMatchObject({ created: 16, rejected: 0 });
  const content = sql`SELECT sku, name, description, price, currency, stock, tags, attributes FROM items ORDER BY sku`;
  expect(await elsewhere.rows(content)).toEqual(await api.rows(content));
  expect((await importing(api, owner, text, type)).body).toMatchObject({ unchanged: 16 });
  await elsewhere.close();
});

it.each([
  [{ tag: ['sea', 'boat'] }, ['full']],
  [{ sku: ['bare', 'full'], format: 'ndjson' }, ['bare', 'full']],
  [{ q: 'bare' }, ['bare']],
  [{ attr: 'yes:true', priceMin: '1' }, []],
])('with the filter %j it gives %j', async (query, skus) => {
  const { text } = await api.get('/v1/items/export', { query });
  expect(linesOf(text).map(({ sku }) => sku)).toEqual(skus);
});

it('as CSV it has a header line, even without items', async () => {
  const { text } = await api.get('/v1/items/export?format=csv&sku=none');
  expect(text).toBe(
    'id,sku,name,description,price,currency,stock,tags,attributes,ownerId,version,createdAt,updatedAt\r\n',
  );
});

it.each([
  ['text/csv', 'csv'],
  ['text/*', 'csv'],
  ['text/csv;q=0.5, application/x-ndjson', 'ndjson'],
  ['text/html,*/*;q=0.8', 'ndjson'],
])('Accept: %s is answered with %s', async (accept, format) => {
  const { headers } = await api.get('/v1/items/export', { headers: { accept } });
  expect(headers['content-disposition']).toContain(`items.${format}`);
});

it.each([
  ['/v1/items/export', 406, { accept: 'application/json' }],
  ['/v1/items/export?format=xml', 400, {}],
  ['/v1/items/export?limit=1', 400, {}],
  ['/v1/items/export?q=a%00', 400, {}],
])('%s is refused with %d', async (url, status, headers) => {
  expect((await api.get(url, { headers })).status).toBe(status);
});

it('HEAD tells the headers, and closes its cursor', async () => {
  const { status, headers, text } = await api.request('HEAD', '/v1/items/export?format=csv');
  expect({ status, type: headers['content-type'], text }).toEqual({
    status: 200,
    type: 'text/csv; charset=utf-8',
    text: '',
  });
  await until(0);
});

describe('with more than a connection holds', () => {
  beforeAll(async () => {
    for (let first = 1; first <= 6_000; first += 500)
      await api.rows(sql`INSERT INTO items (id, owner_id, sku, name, description)
        SELECT gen_random_uuid(), ${owner.id}::uuid, 'many-' || n, 'Lamp', repeat('x', 4000)
        FROM generate_series(${first}::int, ${first + 499}::int) n`);
  });

  it('sends all of it', async () => {
    expect(linesOf((await api.get('/v1/items/export')).text)).toHaveLength(6_000 + 2 + NASTY.length);
  });

  it('serves two at once; when they are gone, their cursors are closed and others have their turn', async () => {
    const two = [await start(), await start()];
    // A connection that is being opened counts, too.
    await until(2);
    const { status, headers, body } = await api.get('/v1/items/export');
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'busy' });
    expect(headers).not.toHaveProperty('content-disposition');
    for (const answer of two) answer.destroy();
    await until(0);
    expect((await api.get('/v1/items/export?sku=bare')).status).toBe(200);
  });

  it('breaks off instead of ending when the database fails', async () => {
    const answer = await start();
    const kill = sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'idle in transaction'`;
    while ((await api.rows(kill)).length === 0);
    const outcome = new Promise((resolve) => answer.on('error', resolve).on('end', () => resolve('ended')));
    answer.resume();
    expect(await outcome).toMatchObject({ code: 'ECONNRESET' });
    await until(0);
    expect((await api.get('/v1/items/export?sku=bare')).status).toBe(200);
  });
});

/** An export of which the client has read nothing but the headers. */
function start(): Promise<IncomingMessage> {
  return new Promise((resolve) => {
    get({ port, path: '/v1/items/export', agent: false }, (answer) => resolve(answer.pause())).on(
      'error',
      () => undefined,
    );
  });
}

function cursors(): number {
  const { total, idle } = api.app.get(Database).poolState();
  return total - idle;
}

async function until(count: number): Promise<void> {
  while (cursors() !== count) await new Promise((resolve) => setTimeout(resolve, 5));
}
