// What is answered in front of the router without being kept must not differ from what the handler answers, and costs few statements.
import { once } from 'node:events';
import { connect } from 'node:net';
import { Database, Gathered, sql } from '@app/database';
import { Metrics } from '@app/telemetry';
import { Client } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { type Account, TestApi } from '../support/api';
import { Wire, type Wired } from '../support/wire';

const OWN_TO_EACH = ['x-request-id', 'server-timing', 'date'];
/** Liked well enough, but only the router understands it. */
const BY_THE_ROUTER = { accept: 'application/json;q=0.9' };
const READS = ['/v1/items/{short}', '/v1/items/{long}', '/v1/items/by-sku/SHORT-1', '/v1/users/{owner}'];

let api: TestApi;
let wire: Wire;
let owner: Account;
const ids: Record<string, string> = {};

beforeAll(async () => {
  api = await TestApi.start({ corsOrigins: ['https://shop.example'] });
  wire = await Wire.open(api);
  owner = await api.createAccount();
  const create = async (item: object) => (await api.request('POST', '/v1/items', { as: owner, body: item })).body.id;
  ids['owner'] = owner.id;
  ids['short'] = await create({
    sku: 'SHORT-1',
    name: 'Läämp 🦉',
    price: 1999,
    currency: 'EUR',
    attributes: { a: 1.5 },
  });
  ids['long'] = await create({ sku: 'LONG-1', name: 'Long', description: 'é'.repeat(1_500), tags: ['x', 'y z'] });
});
afterAll(async () => {
  wire.close();
  await api.close();
});

const urlOf = (template: string) => template.replace(/\{(\w+)\}/, (_, name: string) => ids[name] ?? '');
const comparable = ({ status, headers, text }: Wired) => ({
  status,
  text,
  headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN_TO_EACH.includes(name))),
});

/** Locks the items, and has so many reads wait for them; until the returned call. A statement waits half a second at most. */
async function hold(reads: number): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: api.databaseUrl });
  await client.connect();
  await client.query('BEGIN; LOCK TABLE items');
  for (let n = 1; n <= reads; n++) {
    void fetch(`http://127.0.0.1:${wire.port}/v1/items/${uuidv7()}`);
    await waiting(n);
  }
  return () => client.end();
}

async function waiting(count: number): Promise<void> {
  for (;;) {
    const rows = await api.app.get(Database).rows(sql`
      SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`);
    if (rows.length >= count) return;
  }
}

it.each(READS)('%s is answered as by its handler, for one statement, and then for none', async (template) => {
  const url = urlOf(template);
  await api.forget();
  const byHandler = await wire.get(url, { ...BY_THE_ROUTER, origin: 'https://shop.example' });
  await api.forget();
  const first = await wire.get(url, { origin: 'https://shop.example' });
  expect(comparable(first)).toEqual(comparable(byHandler));
  expect(first).toMatchObject({ sql: 1, headers: { 'cache-status': 'floodgate; fwd=uri-miss; stored' } });
  for (let n = 0; n < 2; n++) {
    const next = await wire.get(url);
    expect(next).toMatchObject({ sql: 0, text: first.text, headers: { 'cache-status': 'floodgate; hit' } });
  }
});

it('what the client has already is a 304, also when it is not kept', async () => {
  const { headers } = await wire.get(urlOf(READS[0]!));
  await api.forget();
  const again = await wire.get(urlOf(READS[0]!), { 'if-none-match': headers.etag as string });
  expect(again).toMatchObject({ status: 304, text: '', sql: 1, headers: { etag: headers.etag } });
});

it.each([
  ['nothing is there', `/v1/items/${uuidv7()}`, 404, 1],
  ['the id is none', '/v1/items/7', 400, 0],
  ['the name is another route', '/v1/users/me', 401, 0],
])('when %s, the router says so', async (_, url, status, statements) => {
  const answer = await wire.get(url);
  expect(answer).toMatchObject({ status, sql: statements });
  expect(answer.headers['content-type']).toContain('application/problem+json');
});

it('an id in capitals is the same item', async () => {
  const answer = await wire.get(`/v1/items/${ids['short']?.toUpperCase()}`);
  expect(answer.body).toMatchObject({ id: ids['short'], attributes: { a: 1.5 } });
});

it('is counted and told of like every answer', async () => {
  await api.forget();
  const loaded = /cache_requests_total\{cache="answers",outcome="loaded"\} (\d+)/;
  const before = Number(loaded.exec(await api.app.get(Metrics).text())?.[1]);
  await wire.get(urlOf(READS[0]!));
  const text = await api.app.get(Metrics).text();
  expect(Number(loaded.exec(text)?.[1])).toBe(before + 1);
  expect(text).toContain('route="/v1/items/:id"');
});

it('many different items that are asked for at once take one statement beyond the lanes', async () => {
  await api.rows(sql`INSERT INTO items (id, owner_id, sku, name)
    SELECT uuidv7(), ${owner.id}::uuid, 'MANY-' || n, 'Number ' || n FROM generate_series(1, 60) AS n`);
  const items = await api.rows<{ id: string; sku: string }>(sql`SELECT id, sku FROM items WHERE sku LIKE 'MANY-%'`);
  await wire.get(urlOf(READS[0]!));
  const release = await hold(4);
  const statements = api.countStatements();
  const asked = jest.spyOn(Gathered.prototype, 'loadOne');
  const reading = Promise.all(
    items.map(async ({ id }) => {
      const answer = await fetch(`http://127.0.0.1:${wire.port}/v1/items/${id}`);
      return ((await answer.json()) as { sku: string }).sku;
    }),
  );
  while (asked.mock.calls.length < items.length) await new Promise(setImmediate);
  asked.mockRestore();
  await release();
  expect(await reading).toEqual(items.map(({ sku }) => sku));
  // Those that kept the lanes busy, and one for all the rest.
  expect(statements()).toBe(4 + 1);
});

it('what has waited for the database in vain is refused, and does not wait for the same again', async () => {
  await api.forget();
  await wire.get(urlOf(READS[1]!));
  const release = await hold(0);
  const refused = await wire.get(urlOf(READS[0]!));
  await release();
  expect(refused).toMatchObject({ status: 503, sql: 1, body: { code: 'database_busy' } });
});

it('a change is seen by the next read, whoever made it', async () => {
  const url = urlOf(READS[0]!);
  for (let stock = 1; stock <= 5; stock++) {
    await api.rows(sql`UPDATE items SET stock = ${stock}, version = version + 1 WHERE id = ${ids['short']}::uuid`);
    for (let n = 0; n < 3; n++) expect((await wire.get(url)).body).toMatchObject({ stock });
  }
});

it('a read that waits for the database while the service closes still gets its answer', async () => {
  const other = await api.join();
  const closing = await Wire.open(other);
  await closing.get(urlOf(READS[0]!));
  const release = await hold(0);
  const socket = connect(closing.port, '127.0.0.1');
  socket.write(`GET ${urlOf(READS[1]!)} HTTP/1.1\r\nhost: a\r\n\r\n`);
  await waiting(1);
  const closed = other.close();
  await release();
  const chunks: string[] = [];
  socket.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  await once(socket, 'close');
  expect(chunks.join('')).toMatch(/^HTTP\/1\.1 200 OK[^]*connection: close[^]*"sku":"LONG-1"/i);
  closing.close();
  await closed;
});
