import { sql } from '@app/database';
import { type Account, TestApi } from '../../../../test/support/api';
import { demoItems } from './items.demo';

describe('POST /v1/items/batch', () => {
  let api: TestApi;
  let owner: Account;
  let other: Account;

  beforeAll(async () => {
    api = await TestApi.start();
    owner = await api.createAccount();
    other = await api.createAccount();
  });

  afterAll(() => api.close());

  beforeEach(() => api.rows(sql`DELETE FROM items`));

  const batch = (
    operations: object[],
    { atomic, as = owner, key }: { atomic?: boolean; as?: Account; key?: string } = {},
  ) =>
    api.request('POST', '/v1/items/batch', {
      as,
      body: { operations, ...(atomic !== undefined && { atomic }) },
      headers: key === undefined ? {} : { 'idempotency-key': key },
    });
  const create = (sku: string, more = {}) => ({ op: 'create', item: { sku, name: `Name of ${sku}`, ...more } });
  const stored = () => api.rows<{ sku: string; version: number }>(sql`SELECT sku, version FROM items ORDER BY sku`);
  const existing = async (...skus: string[]): Promise<{ id: string; version: number }[]> => {
    const { body } = await batch(skus.map((sku) => create(sku)));
    return body.results.map(({ item }: { item: { id: string; version: number } }) => item);
  };

  it('carries out all four operations in order, in one transaction', async () => {
    const [first, second] = await existing('A', 'B');
    const {
      status,
      body,
      sql: cost,
    } = await batch([
      create('C', { price: 5, currency: 'EUR', tags: ['x', 'x'] }),
      { op: 'update', id: first?.id, changes: { name: 'Renamed', description: null }, ifVersion: 1 },
      { op: 'upsert', sku: 'D', item: { name: 'New' } },
      { op: 'upsert', sku: 'D', item: { name: 'Newer', stock: 3 } },
      { op: 'delete', id: second?.id, ifVersion: 1 },
    ]);
    expect(status).toBe(200);
    expect(body.atomic).toBe(true);
    expect(body.results).toMatchObject([
      { op: 'create', status: 201, item: { sku: 'C', price: 5, tags: ['x'], version: 1, ownerId: owner.id } },
      { op: 'update', status: 200, item: { id: first?.id, name: 'Renamed', version: 2 } },
      { op: 'upsert', status: 201, item: { sku: 'D', name: 'New', version: 1 } },
      { op: 'upsert', status: 200, item: { sku: 'D', name: 'Newer', stock: 3, version: 2 } },
      { op: 'delete', status: 204, item: null },
    ]);
    expect(await stored()).toEqual([
      { sku: 'A', version: 2 },
      { sku: 'C', version: 1 },
      { sku: 'D', version: 2 },
    ]);
    // BEGIN, the locks, an INSERT and an UPDATE, what happens to D again with the DELETE, COMMIT; two savepoints.
    expect(cost).toBe(11);
  });

  describe.each([
    ['a taken SKU', () => create('A'), 409, 'sku_taken', '/operations/1/item/sku'],
    ['an unknown id', () => ({ op: 'delete', id: other.id }), 404, 'item_not_found', undefined],
    [
      'a SKU that an update takes',
      (id: string) => ({ op: 'update', id, changes: { sku: 'A' } }),
      409,
      'sku_taken',
      '/operations/1/changes/sku',
    ],
    [
      'a currency alone in an update',
      (id: string) => ({ op: 'update', id, changes: { currency: 'EUR' } }),
      422,
      'invalid_body',
      '/operations/1/changes/price',
    ],
    [
      'a stale update',
      (id: string) => ({ op: 'update', id, changes: {}, ifVersion: 2 }),
      412,
      'precondition_failed',
      undefined,
    ],
    ['a stale deletion', (id: string) => ({ op: 'delete', id, ifVersion: 2 }), 412, 'precondition_failed', undefined],
  ] as const)('with %s', (_name, failing, status, code, pointer) => {
    const operations = async () => [create('N1'), failing((await existing('A', 'B'))[1]?.id ?? ''), create('N2')];

    it('undoes everything and answers with that problem', async () => {
      const reply = await batch(await operations());
      expect(reply).toMatchObject({ status, body: { status, code, operation: 1 } });
      expect(reply.body.errors?.[0].pointer).toBe(pointer);
      expect(reply.headers['etag']).toBeUndefined();
      expect((await stored()).map(({ sku }) => sku)).toEqual(['A', 'B']);
    });

    it('undoes it alone unless atomic', async () => {
      const reply = await batch(await operations(), { atomic: false });
      expect(reply).toMatchObject({
        status: 200,
        body: {
          atomic: false,
          results: [{ status: 201 }, { status, problem: { status, code, operation: 1 } }, { status: 201 }],
        },
      });
      expect(reply.body.results[1].item).toBeUndefined();
      expect(reply.body.results[1].problem.errors?.[0].pointer).toBe(pointer);
      expect((await stored()).map(({ sku }) => sku)).toEqual(['A', 'B', 'N1', 'N2']);
    });
  });

  it('changes nothing that belongs to another', async () => {
    const [{ id } = { id: '' }] = await existing('A');
    const operations = [
      { op: 'update', id, changes: { name: 'Mine' } },
      { op: 'delete', id },
      { op: 'upsert', sku: 'A', item: { name: 'Mine' } },
    ];
    for (const one of operations)
      expect(await batch([one], { as: other })).toMatchObject({
        status: 403,
        body: { code: 'not_allowed', operation: 0 },
      });
    const { body } = await batch(operations, { as: other, atomic: false });
    expect(body.results.map((one: { status: number }) => one.status)).toEqual([403, 403, 403]);
    expect(await stored()).toEqual([{ sku: 'A', version: 1 }]);
    const admin = await api.createAccount({ role: 'admin' });
    expect((await batch(operations.slice(0, 1), { as: admin })).status).toBe(200);
  });

  it.each([
    ['{ "operations": [] }', '/operations', 'too_few'],
    ['{}', '/operations', 'required'],
    ['[]', '', 'wrong_type'],
    ['{ "operations": [{}] }', '/operations/0/op', 'not_in_list'],
    ['{ "operations": [{ "op": "toString" }] }', '/operations/0/op', 'not_in_list'],
    ['{ "operations": [{ "op": ["delete"] }] }', '/operations/0/op', 'not_in_list'],
    ['{ "operations": [7] }', '/operations/0', 'wrong_type'],
    [
      '{ "operations": [{ "op": "create", "item": { "sku": "S", "name": "N", "price": -1 } }] }',
      '/operations/0/item/price',
      'out_of_range',
    ],
    [
      '{ "operations": [{ "op": "create", "item": { "sku": "S", "name": "N", "role": "admin" } }] }',
      '/operations/0/item/role',
      'unknown',
    ],
    [
      '{ "operations": [{ "op": "upsert", "sku": "S", "item": { "sku": "S", "name": "N" } }] }',
      '/operations/0/item/sku',
      'unknown',
    ],
    ['{ "operations": [{ "op": "create", "item": {}, "id": "x" }] }', '/operations/0/id', 'unknown'],
    ['{ "operations": [{ "op": "delete", "id": "x" }] }', '/operations/0/id', 'wrong_format'],
    [
      '{ "operations": [{ "op": "create", "item": { "sku": "S", "name": "N" } }], "atomic": "no" }',
      '/atomic',
      'wrong_type',
    ],
    [JSON.stringify({ operations: Array(1_001).fill(create('S')) }), '/operations', 'too_many'],
  ])('refuses %.80s', async (body, pointer, code) => {
    const reply = await api.request('POST', '/v1/items/batch', {
      as: owner,
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(reply).toMatchObject({ status: 422, body: { code: 'invalid_body' } });
    expect(reply.body.errors).toContainEqual(expect.objectContaining({ pointer, code }));
    expect(await stored()).toEqual([]);
  });

  it('takes 2 MiB and no more', async () => {
    const description = 'd'.repeat(10_000);
    const operations = Array.from({ length: 205 }, (_, n) => create(`S${n}`, { description }));
    expect((await batch(operations)).status).toBe(200);
    expect((await batch([...operations, ...operations])).status).toBe(413);
  });

  it('creates a thousand items with one statement', async () => {
    const operations = [...demoItems(1_000)].map(({ id: _, ...item }) => ({ op: 'create', item }));
    const { status, body, sql: cost } = await batch(operations);
    expect(status).toBe(200);
    expect(body.results).toHaveLength(1_000);
    // BEGIN, the locks, SAVEPOINT, INSERT, RELEASE, COMMIT.
    expect(cost).toBe(6);
    expect(await stored()).toHaveLength(1_000);
  });

  it('needs a login', async () => {
    const reply = await api.request('POST', '/v1/items/batch', { body: { operations: [create('A')] } });
    expect(reply).toMatchObject({ status: 401, body: { code: 'login_required' }, sql: 0 });
  });

  it('is carried out once under an Idempotency-Key', async () => {
    const first = await batch([create('A')], { key: 'batch-1' });
    const again = await batch([create('A')], { key: 'batch-1' });
    expect(again).toMatchObject({ status: 200, body: first.body, headers: { 'idempotency-replayed': 'true' } });
    expect((await batch([create('B')], { key: 'batch-1' })).status).toBe(422);
    expect((await batch([create('A')], { key: 'batch-2' })).status).toBe(409);
    // A refusal stores nothing: the key is free for the corrected request.
    expect((await batch([create('C')], { key: 'batch-2' })).status).toBe(200);
    expect(await stored()).toHaveLength(2);
  });

  it('lets batches change the same items in opposite order', async () => {
    const items = await existing('A', 'B', 'C', 'D', 'E', 'F');
    const changes = (stock: number) => items.map(({ id }) => ({ op: 'update', id, changes: { stock } }));
    const replies = await Promise.all(
      Array.from({ length: 8 }, (_, n) => batch(n % 2 === 0 ? changes(n + 1) : changes(n + 1).reverse())),
    );
    expect(replies.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect((await stored()).map(({ version }) => version)).toEqual(Array(6).fill(9));
  });
});
