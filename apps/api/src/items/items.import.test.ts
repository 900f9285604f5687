import { sql } from '@app/database';
import { Client } from 'pg';
import { type Account, type Reply, TestApi } from '../../../../test/support/api';
import { ItemsImport } from './items.import';
import { ItemsImportRepository } from './items.import.repository';

let api: TestApi;
let owner: Account;
let other: Account;
let admin: Account;

const NDJSON = { 'content-type': 'application/x-ndjson' };

function importing(lines: readonly (object | string | Buffer)[], as: Account | undefined = owner): Promise<Reply> {
  const bytes = lines.flatMap((line) => [
    Buffer.isBuffer(line) ? line : Buffer.from(typeof line === 'string' ? line : JSON.stringify(line)),
    Buffer.from('\n'),
  ]);
  return api.request('POST', '/v1/items/import', { as, headers: NDJSON, body: Buffer.concat(bytes) });
}

const report = (counts: object) => ({ created: 0, updated: 0, unchanged: 0, rejected: 0, errors: [], ...counts });
const itemOf = async (sku: string) => (await api.get(`/v1/items/by-sku/${sku}`)).body;
/** Where the rows lie and who wrote them: any write moves them. */
const versionsOf = (prefix: string) =>
  api.rows(sql`SELECT sku, ctid, xmin, xmax FROM items WHERE sku LIKE ${`${prefix}%`} ORDER BY sku`);

beforeAll(async () => {
  api = await TestApi.start();
  owner = await api.createAccount();
  other = await api.createAccount();
  admin = await api.createAccount({ role: 'admin' });
});

afterAll(() => api.close());

it('creates what is new and fills in what is not said', async () => {
  const full = {
    sku: 'new-2',
    name: 'Lamp',
    description: 'Bright',
    price: 1999,
    currency: 'EUR',
    stock: 3,
    tags: ['a', 'b', 'a'],
    attributes: { colour: 'red', watts: 7.5, isNew: true, maker: null },
  };
  const reply = await importing([{ sku: 'new-1', name: 'Bulb' }, full]);
  expect(reply).toMatchObject({ status: 200, sql: 5, body: report({ received: 2, created: 2 }) });
  expect(await itemOf('new-2')).toMatchObject({ ...full, tags: ['a', 'b'], ownerId: owner.id, version: 1 });
  const absent = { description: null, price: null, currency: null, stock: 0, tags: [], attributes: {} };
  expect(await itemOf('new-1')).toMatchObject({ name: 'Bulb', ...absent });
});

it('changes what is different and nothing else', async () => {
  await importing([1, 2, 3].map((n) => ({ sku: `chg-${n}`, name: 'Lamp', tags: ['x'], attributes: { n, m: null } })));
  const [before, rows] = [await itemOf('chg-2'), await versionsOf('chg-')];

  const again = await importing([
    { sku: 'chg-3', name: 'Lamp', tags: ['x'], attributes: { m: null, n: 3 } },
    { sku: 'chg-2', name: 'Lamp', tags: ['y'], attributes: { n: 2, m: null } },
    { sku: 'chg-1', name: 'Lamp', tags: ['x'], attributes: { n: 1, m: null } },
  ]);
  expect(again.body).toEqual(report({ received: 3, updated: 1, unchanged: 2 }));
  const after = await versionsOf('chg-');
  expect([after[0], after[2]]).toEqual([rows[0], rows[2]]);
  const { updatedAt, ...changed } = await itemOf('chg-2');
  expect(changed).toEqual({ ...before, updatedAt: undefined, tags: ['y'], version: 2 });
  expect(updatedAt > before.updatedAt).toBe(true);
});

it('does not wait for a row that is unchanged', async () => {
  await importing([{ sku: 'lck-1', name: 'Lamp' }]);
  const client = new Client({ connectionString: api.databaseUrl });
  await client.connect();
  await client.query(`BEGIN; SELECT 1 FROM items WHERE sku = 'lck-1' FOR UPDATE`);
  const lines = [{ sku: 'lck-1', name: 'Lamp' }];
  expect((await importing(lines)).body).toEqual(report({ received: 1, unchanged: 1 }));
  expect((await importing([{ sku: 'lck-1', name: 'Other' }])).body).toMatchObject({ code: 'database_busy' });
  await client.end();
});

it('is for who is logged in, and for the items of others only an administrator’s', async () => {
  const lines = [{ sku: 'own-1', name: 'Lamp' }];
  expect((await api.request('POST', '/v1/items/import', { headers: NDJSON, body: '{}' })).status).toBe(401);
  await importing(lines);
  const refused = { line: 1, code: 'not_allowed', pointer: '/sku', detail: expect.any(String) };
  const reply = await importing(
    [{ sku: 'own-1', name: 'Mine' }, { sku: 'own-2', name: 'Mine' }, { sku: 'own-3' }],
    other,
  );
  const errors = [refused, expect.objectContaining({ line: 3, code: 'required' })];
  expect(reply.body).toEqual(report({ received: 3, created: 1, rejected: 2, errors }));
  expect((await importing(lines, other)).body).toMatchObject({ unchanged: 0, rejected: 1 });
  expect((await importing([{ sku: 'own-1', name: 'Ours' }], admin)).body).toMatchObject({ updated: 1 });
  expect(await itemOf('own-1')).toMatchObject({ name: 'Ours', ownerId: owner.id, version: 2 });
});

it('sees what somebody else writes at the same moment', async () => {
  const client = new Client({ connectionString: api.databaseUrl });
  await client.connect();
  await client.query('BEGIN');
  const insert = 'INSERT INTO items (id, owner_id, sku, name) VALUES (gen_random_uuid(), $1, $2, $3)';
  await client.query(insert, [other.id, 'now-1', 'Theirs']);
  await client.query(insert, [owner.id, 'now-2', 'Lamp']);
  const reply = importing([1, 2, 3].map((n) => ({ sku: `now-${n}`, name: 'Lamp' })));
  const waiting = sql`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
  while ((await api.rows(waiting)).length === 0);
  await client.query('COMMIT');
  await client.end();
  const errors = [expect.objectContaining({ line: 1, code: 'not_allowed' })];
  expect((await reply).body).toEqual(report({ received: 3, created: 1, unchanged: 1, rejected: 1, errors }));
  expect(await itemOf('now-1')).toMatchObject({ name: 'Theirs', version: 1 });
});

it('leaves the wrong lines out, and says which and why', async () => {
  const good = (n: number) => ({ sku: `bad-${n}`, name: 'Lamp' });
  const wrong: [object | string | Buffer, string, string | undefined, RegExp?][] = [
    ['{"sku":"bad-x"', 'invalid_json', undefined],
    [{ sku: 'bad-x' }, 'required', '/name'],
    [{ ...good(0), price: -1, currency: 'EUR' }, 'out_of_range', '/price'],
    [{ ...good(0), currency: 'EUR' }, 'required', '/price', /come together/],
    [{ ...good(0), tags: ['t'.repeat(200)] }, 'too_long', '/tags/0', /at most 128/],
    [good(1), 'duplicate_sku', '/sku', /line 1 /],
    [{ ...good(0), attributes: { a: { b: 1 } } }, 'wrong_type', '/attributes/a'],
    ['{"sku":"bad-0","name":"a","attributes":{"a":12345678901234567890}}', 'out_of_range', '/attributes/a', /as text/],
    [Buffer.from([0x7b, 0xff, 0x7d]), 'invalid_utf8', undefined],
    [`{"sku":"${'x'.repeat(10_000_000)}"}`, 'line_too_long', undefined],
    [{ ...good(0), colour: 'red' }, 'unknown', '/colour'],
    [{ ...good(0), name: 'a\0b' }, 'invalid_character', '/name'],
    ['{"sku":"bad-0","name":"a\\ud800"}', 'invalid_character', '/name'],
    ['{"sku":"bad-0","name":"a","attributes":{"__proto__":"x"}}', 'forbidden_key', undefined],
    [{ sku: '', name: 1, stock: 1.5 }, 'wrong_type', '/name'],
  ];
  const lines = wrong.flatMap(([line], index) => [good(index + 1), line]);
  const { body } = await importing(lines);
  expect(body).toMatchObject({ received: 30, created: 15, rejected: 15 });
  for (const [index, [, code, pointer, detail]] of wrong.entries()) {
    const errors = body.errors.filter((one: { line: number }) => one.line === 2 * index + 2);
    expect(errors).toContainEqual({
      line: 2 * index + 2,
      code,
      ...(pointer && { pointer }),
      detail: expect.stringMatching(detail ?? /./),
    });
  }
  expect(body.errors).toHaveLength(17);
  expect(await itemOf('bad-15')).toMatchObject({ name: 'Lamp' });
});

it('lists a hundred errors at most', async () => {
  const { body } = await importing(Array.from({ length: 150 }, () => '{}'));
  expect(body).toMatchObject({ received: 150, rejected: 150 });
  expect(body.errors).toHaveLength(100);
});

it('takes back what it gave out', async () => {
  await importing([{ sku: 'out-1', name: 'Lamp', attributes: { a: 1 } }]);
  const item = await itemOf('out-1');
  expect((await importing([item])).body).toEqual(report({ received: 1, unchanged: 1 }));
  await importing([{ ...item, id: admin.id, ownerId: other.id, version: 99, createdAt: 'x', name: 'New' }]);
  expect(await itemOf('out-1')).toMatchObject({ id: item.id, ownerId: owner.id, version: 2, name: 'New' });
});

it('works through a file of many chunks, in its order and two at a time', async () => {
  const repository = api.app.get(ItemsImportRepository);
  const upsert = repository.upsert.bind(repository);
  let [running, most] = [0, 0];
  const spy = jest.spyOn(repository, 'upsert').mockImplementation(async (...rows) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 50));
    return upsert(...rows).finally(() => running--);
  });
  const lines = Array.from({ length: 2_500 }, (_, n) => ({ sku: `many-${n}`, name: 'x'.repeat(n % 300 || 1) }));
  const { body } = await importing([...lines, { sku: 'many-0', name: 'again' }]);
  expect({ calls: spy.mock.calls.length, most }).toEqual({ calls: 3, most: 2 });
  spy.mockRestore();
  expect(body).toMatchObject({ received: 2_501, created: 2_500, rejected: 1 });
  expect(body.errors[0]).toMatchObject({ line: 2_501, detail: expect.stringContaining('line 1 ') });
  const ids = await api.rows<{ sku: string }>(sql`SELECT sku FROM items WHERE sku LIKE 'many-%' ORDER BY id`);
  expect(ids.map(({ sku }) => sku)).toEqual(lines.map(({ sku }) => sku));
  expect((await importing(lines)).body).toEqual(report({ received: 2_500, unchanged: 2_500 }));
});

it('counts what is in when one of two chunks fails', async () => {
  const repository = api.app.get(ItemsImportRepository);
  const upsert = repository.upsert.bind(repository);
  const spy = jest.spyOn(repository, 'upsert').mockImplementation(async (...rows) => {
    if (spy.mock.calls.length === 1) throw Object.assign(new Error('deadlock'), { code: '40P01' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    return upsert(...rows);
  });
  const { status, body } = await importing(Array.from({ length: 5_000 }, (_, n) => ({ sku: `half-${n}`, name: 'x' })));
  spy.mockRestore();
  expect({ status, detail: body.detail }).toEqual({ status: 503, detail: expect.stringContaining(' 1000 items were') });
  expect(await versionsOf('half-')).toHaveLength(1_000);
});

it('leaves a change for each statement, and a table that is fast to search', async () => {
  const logged = sql`SELECT cardinality(tags) AS tags FROM change_log ORDER BY id`;
  const before = await api.rows(logged);
  const lines = Array.from({ length: 5_000 }, (_, n) => ({ sku: `set-${n}`, name: `word${n}`, tags: [`tag${n}`] }));
  expect((await importing(lines)).body).toMatchObject({ created: 5_000 });
  expect((await api.rows(logged)).slice(before.length)).toEqual(Array(5).fill({ tags: 1_000 }));
  await api.app.get(ItemsImport).settling;
  const [{ rows } = { rows: 0 }] = await api.rows<{ rows: number }>(
    sql`SELECT reltuples AS rows FROM pg_class WHERE relname = 'items'`,
  );
  expect(rows).toBeGreaterThanOrEqual(5_000);
  const pages = sql`SELECT gin_clean_pending_list(name::regclass) AS pending
    FROM unnest(ARRAY['items_tags_idx', 'items_terms_idx', 'items_search_idx']) AS name`;
  expect(await api.rows(pages)).toEqual(Array(3).fill({ pending: 0 }));
});

it('takes an item as large as any that was created', async () => {
  const attributes = Object.fromEntries(Array.from({ length: 14 }, (_, n) => [`a${n}`, '"'.repeat(4_500)]));
  const item = { sku: 'large', name: 'Lamp', attributes };
  expect((await api.request('POST', '/v1/items', { as: owner, body: item })).status).toBe(201);
  expect((await importing([await itemOf('large')])).body).toMatchObject({ unchanged: 1 });
});
