// Whoever changes something, every instance shows it within Δ, and the one that changed it at once.
import { sql } from '@app/database';
import { Client } from 'pg';
import { type Account, TestApi } from '../support/api';

const UNKNOWN = '01941f29-7c00-7a3b-9c4d-000000000000';
const DELTA_MS = 100;

let api: TestApi;
let other: TestApi;
let psql: Client;
let owner: Account;
let count = 0;

beforeAll(async () => {
  api = await TestApi.start({ cacheStalenessMs: DELTA_MS });
  other = await api.join({ cacheStalenessMs: DELTA_MS });
  psql = new Client({ connectionString: api.databaseUrl });
  await psql.connect();
  owner = await api.createAccount();
});

afterAll(async () => {
  await psql.end();
  await other.close();
  await api.close();
});

async function create(content: object = {}): Promise<{ id: string; sku: string }> {
  const sku = `THING-${++count}`;
  const { body } = await api.request('POST', '/v1/items', { as: owner, body: { sku, name: sku, ...content } });
  return body as { id: string; sku: string };
}

const readsOf = ({ id, sku }: { id: string; sku: string }): string[] => [
  `/v1/items/${id}`,
  `/v1/items/by-sku/${sku}`,
  `/v1/items/batch?ids=${id}`,
  `/v1/items?sku=${sku}`,
  `/v1/items?q=${sku}&include=owner`,
];

/** Both instances have answered everything before, and would answer it from memory again. */
async function warm(urls: readonly string[]): Promise<void> {
  for (const instance of [api, other]) {
    // What becomes known while an answer is made keeps it from being kept.
    await instance.look();
    for (const url of urls) {
      await instance.get(url);
      expect((await instance.get(url)).sql).toBe(0);
    }
  }
}

const CHANGES: [name: string, change: (id: string) => Promise<unknown>][] = [
  ['the API', (id) => api.request('PATCH', `/v1/items/${id}`, { as: owner, body: { stock: 77 } })],
  ['the other instance', (id) => other.request('PATCH', `/v1/items/${id}`, { as: owner, body: { stock: 77 } })],
  [
    'a batch',
    (id) =>
      api.request('POST', '/v1/items/batch', {
        as: owner,
        body: { operations: [{ op: 'update', id, changes: { stock: 77 } }] },
      }),
  ],
  ['psql, one row', (id) => psql.query(`UPDATE items SET stock = 77 WHERE id = $1`, [id])],
  ['psql, every row', () => psql.query(`UPDATE items SET stock = 77`)],
];

it.each(CHANGES)('a change by %s is shown by all reads of all instances', async (_, change) => {
  const thing = await create();
  const urls = readsOf(thing);
  await warm(urls);
  await change(thing.id);
  const changedAt = performance.now();
  for (const instance of [api, other]) {
    for (const url of urls) {
      const isDue = performance.now() - changedAt > DELTA_MS;
      const { text } = await instance.get(url);
      if (isDue) expect({ url, isShown: text.includes('"stock":77') }).toEqual({ url, isShown: true });
    }
    await instance.look();
    for (const url of urls)
      expect({ url, isShown: (await instance.get(url)).text.includes('"stock":77') }).toEqual({ url, isShown: true });
  }
});

it.each([20, 100, 2_000])('a change is shown within Δ = %i ms without any help', async (deltaMs) => {
  const thing = await create();
  const url = `/v1/items/${thing.id}`;
  const instance = await api.join({ cacheStalenessMs: deltaMs });
  try {
    await instance.get(url);
    await psql.query(`UPDATE items SET stock = 5 WHERE id = $1`, [thing.id]);
    const changedAt = performance.now();
    for (let isShown = false; !isShown;) {
      const askedAt = performance.now();
      isShown = (await instance.get(url)).text.includes('"stock":5');
      if (!isShown) expect(askedAt - changedAt).toBeLessThanOrEqual(deltaMs);
    }
  } finally {
    await instance.close();
  }
});

it('a new SKU is found and the old one is not, also where the new one was absent a moment ago', async () => {
  const thing = await create();
  const [before, after] = [`/v1/items/by-sku/${thing.sku}`, `/v1/items/by-sku/RENAMED-${thing.sku}`];
  for (const instance of [api, other]) {
    await instance.look();
    expect((await instance.get(before)).status).toBe(200);
    expect((await instance.get(after)).status).toBe(404);
    expect(await instance.get(after)).toMatchObject({ status: 404, sql: 0 });
  }
  await api.request('PATCH', `/v1/items/${thing.id}`, { as: owner, body: { sku: `RENAMED-${thing.sku}` } });
  await other.look();
  for (const instance of [api, other]) {
    expect((await instance.get(before)).status).toBe(404);
    expect(await instance.get(after)).toMatchObject({ status: 200, body: { id: thing.id } });
  }
});

it('what was absent is there once it is made, and gone once it is deleted', async () => {
  const id = UNKNOWN.replace(/0$/, '7');
  for (const instance of [api, other]) {
    expect((await instance.get(`/v1/items/${id}`)).status).toBe(404);
    expect((await instance.get(`/v1/items/batch?ids=${id}`)).body.missing).toEqual([id]);
  }
  await psql.query(`INSERT INTO items (id, owner_id, sku, name) VALUES ($1, $2, 'COMES', 'Comes')`, [id, owner.id]);
  for (const instance of [api, other]) {
    await instance.look();
    expect((await instance.get(`/v1/items/${id}`)).status).toBe(200);
    expect((await instance.get(`/v1/items/batch?ids=${id}`)).body.missing).toEqual([]);
  }
  await psql.query(`DELETE FROM items WHERE id = $1`, [id]);
  for (const instance of [api, other]) {
    await instance.look();
    expect((await instance.get(`/v1/items/${id}`)).status).toBe(404);
  }
});

it('TRUNCATE empties everything', async () => {
  const { id } = await create();
  await warm([`/v1/items/${id}`, '/v1/items']);
  const client = new Client({ connectionString: api.databaseUrl });
  await client.connect();
  await client.query('BEGIN; TRUNCATE items');
  await client.query('COMMIT');
  await client.end();
  await api.look();
  expect((await api.get(`/v1/items/${id}`)).status).toBe(404);
  expect((await api.get('/v1/items')).body.data).toEqual([]);
});

it('an owner’s new name is shown in lists that include it, and nothing else is read again', async () => {
  const { id } = await create();
  const urls = ['/v1/items?include=owner', `/v1/users/${owner.id}`];
  await warm([...urls, `/v1/items/${id}`, '/v1/items']);
  await api.request('PATCH', '/v1/users/me', { as: owner, body: { displayName: 'Renamed Person' } });
  await other.look();
  for (const instance of [api, other]) {
    for (const url of urls) expect((await instance.get(url)).text).toContain('Renamed Person');
    for (const url of [`/v1/items/${id}`, '/v1/items']) expect((await instance.get(url)).sql).toBe(0);
  }
});

it('a change of one item leaves the others where they are', async () => {
  const [one, another] = [await create(), await create()];
  await warm([`/v1/items/${one.id}`, `/v1/items/${another.id}`]);
  await psql.query(`UPDATE items SET stock = 6 WHERE id = $1`, [one.id]);
  await api.look();
  expect((await api.get(`/v1/items/${another.id}`)).sql).toBe(0);
  expect((await api.get(`/v1/items/${one.id}`)).sql).toBe(1);
});

it('a disabled account is out everywhere, and an account costs no statement while it does not change', async () => {
  const [admin, account] = [await api.createAccount({ role: 'admin' }), await api.createAccount()];
  for (const instance of [api, other]) {
    await instance.look();
    await instance.get('/v1/users/me', { as: account });
    expect(await instance.get('/v1/users/me', { as: account })).toMatchObject({ status: 200, sql: 1 });
  }
  await api.request('PATCH', `/v1/users/${account.id}`, { as: admin, body: { status: 'disabled' } });
  expect((await api.get('/v1/users/me', { as: account })).status).toBe(401);
  await other.look();
  expect((await other.get('/v1/users/me', { as: account })).status).toBe(401);
});

it('a read with the token of a write shows it on another instance, at once', async () => {
  const thing = await create();
  const urls = readsOf(thing);
  for (let stock = 1; stock <= 20; stock++) {
    await warm(urls.slice(0, 1));
    const ask = { as: owner, body: { stock } };
    const { headers } = await api.request('PATCH', `/v1/items/${thing.id}`, ask);
    const token = headers['consistency-token'] as string;
    expect(token).toMatch(/^[1-9]\d*$/);
    for (const url of urls)
      expect((await other.get(url, { headers: { 'consistency-token': token } })).text).toContain(`"stock":${stock}`);
  }
});

it('an import of many rows is one change, and is shown', async () => {
  const lines = Array.from({ length: 1_500 }, (_, n) => JSON.stringify({ sku: `MANY-${n}`, name: `Many ${n}` }));
  await warm(['/v1/items?limit=1&count=exact']);
  const [{ before } = { before: 0 }] = await api.rows<{ before: number }>(
    sql`SELECT count(*) AS before FROM change_log`,
  );
  const report = await api.request('POST', '/v1/items/import', {
    as: owner,
    body: lines.join('\n'),
    headers: { 'content-type': 'application/x-ndjson' },
  });
  expect(report).toMatchObject({
    status: 200,
    body: { created: 1_500 },
    headers: { 'consistency-token': expect.any(String) },
  });
  const [{ after } = { after: 0 }] = await api.rows<{ after: number }>(sql`SELECT count(*) AS after FROM change_log`);
  expect(after - before).toBeLessThanOrEqual(4);
  await other.look();
  for (const instance of [api, other])
    expect((await instance.get('/v1/items?q=Many&limit=1&count=exact')).body.page.count.value).toBe(1_500);
});
