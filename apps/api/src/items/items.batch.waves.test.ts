import { sql } from '@app/database';
import { Client } from 'pg';
import { type Account, TestApi } from '../../../../test/support/api';

describe('a batch, whose operations go together where they may', () => {
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

  const batch = (operations: object[], { atomic = true, as = owner } = {}) =>
    api.request('POST', '/v1/items/batch', { as, body: { operations, atomic } });
  const create = (sku: string, more = {}) => ({ op: 'create', item: { sku, name: `Name of ${sku}`, ...more } });
  const stored = () => api.rows<{ sku: string; version: number }>(sql`SELECT sku, version FROM items ORDER BY sku`);
  const existing = async (...skus: string[]): Promise<{ id: string; version: number }[]> => {
    const { body } = await batch(skus.map((sku) => create(sku)));
    return body.results.map(({ item }: { item: { id: string; version: number } }) => item);
  };
  const statuses = (body: { results: { status: number }[] }) => body.results.map(({ status }) => status);

  it.each([true, false])(
    'changes many with a statement for each kind, and logs one change for each (atomic: %s)',
    async (atomic) => {
      const items = await existing(...Array.from({ length: 90 }, (_, n) => `S-${n}`));
      const ids = items.map(({ id }) => id);
      const operations = [
        ...ids.slice(0, 30).map((id, n) => ({ op: 'update', id, changes: { stock: n + 1, attributes: { n } } })),
        ...ids.slice(30, 60).map((id) => ({ op: 'delete', id, ifVersion: 1 })),
        ...ids.slice(60, 75).map((_, n) => ({ op: 'upsert', sku: `S-${n + 60}`, item: { name: 'Changed' } })),
        // What is so already is not written.
        ...ids.slice(75).map((_, n) => ({ op: 'upsert', sku: `S-${n + 75}`, item: { name: `Name of S-${n + 75}` } })),
        ...ids.slice(60).map((_, n) => ({ op: 'upsert', sku: `T-${n}`, item: { name: 'New', tags: ['t'] } })),
      ];
      const logged = sql`SELECT count(*) AS count FROM change_log`;
      const [before] = await api.rows<{ count: number }>(logged);
      const { body, sql: cost } = await batch(operations, { atomic });
      const [after] = await api.rows<{ count: number }>(logged);
      expect({ cost, logged: (after?.count ?? 0) - (before?.count ?? 0) }).toEqual({ cost: 8, logged: 3 });
      expect(statuses(body)).toEqual([200, 204, 200, 201].flatMap((status) => Array(30).fill(status)));
      for (const { item } of body.results.filter((_: unknown, n: number) => n % 10 === 0))
        if (item) expect((await api.get(`/v1/items/${item.id}`)).body).toEqual(item);
      expect(body.results.slice(60, 90).map(({ item }: { item: { version: number } }) => item.version)).toEqual([
        ...Array(15).fill(2),
        ...Array(15).fill(1),
      ]);
    },
  );

  it.each([true, false])(
    'shows what was renamed before as it is, when nothing more is to be done (atomic: %s)',
    async (atomic) => {
      const [a] = await existing('A');
      const renaming = { op: 'update', id: a?.id, changes: { sku: 'B' } };
      const { body } = await batch(
        [renaming, renaming, { op: 'upsert', sku: 'B', item: { name: 'Name of A' } }, { ...renaming, changes: {} }],
        { atomic },
      );
      expect(statuses(body)).toEqual([200, 200, 200, 200]);
      const [first, ...others] = body.results.map(({ item }: { item: object }) => item);
      expect(others).toEqual([first, first, first]);
      expect(first).toMatchObject({ sku: 'B', version: 2 });
    },
  );

  it('does one after the other what is done to the same item', async () => {
    const [a, b] = await existing('A', 'B');
    const { body } = await batch(
      [
        { op: 'update', id: a?.id, changes: { name: 'One' } },
        { op: 'update', id: a?.id, changes: { stock: 5 }, ifVersion: 2 },
        { op: 'upsert', sku: 'A', item: { name: 'Two' } },
        { op: 'delete', id: a?.id, ifVersion: 4 },
        { op: 'update', id: a?.id, changes: {} },
        create('A'),
        create('A'),
        { op: 'update', id: b?.id, changes: { sku: 'C' } },
        { op: 'upsert', sku: 'B', item: { name: 'Another' } },
        { op: 'upsert', sku: 'C', item: { name: 'Renamed', stock: 1 } },
        { op: 'delete', id: b?.id, ifVersion: 3 },
      ],
      { atomic: false },
    );
    expect(statuses(body)).toEqual([200, 200, 200, 204, 404, 201, 409, 200, 201, 200, 204]);
    expect(body.results[2].item).toMatchObject({ name: 'Two', stock: 0, version: 4 });
    expect(await stored()).toEqual([
      { sku: 'A', version: 1 },
      { sku: 'B', version: 1 },
    ]);
  });

  it('names the first that fails, however it does', async () => {
    await existing('A');
    const replies = [
      [create('N'), create('A'), { op: 'delete', id: other.id }],
      [create('N'), { op: 'delete', id: other.id }, create('A')],
    ];
    for (const operations of replies) expect((await batch(operations)).body.operation).toBe(1);
    expect((await batch(replies[0] ?? [])).body.code).toBe('sku_taken');
    expect(await stored()).toHaveLength(1);
  });

  it.each([true, false])('finds the one that violates a constraint (atomic: %s)', async (atomic) => {
    await api.rows(sql`ALTER TABLE items ADD CONSTRAINT items_name_check CHECK (name <> 'Unheard of')`);
    const { status, body } = await batch([create('A'), create('B', { name: 'Unheard of' }), create('C')], { atomic });
    await api.rows(sql`ALTER TABLE items DROP CONSTRAINT items_name_check`);
    if (atomic) expect({ status, ...body }).toMatchObject({ status: 409, code: 'conflict', operation: 1 });
    else expect(statuses(body)).toEqual([201, 409, 201]);
    expect(await stored()).toHaveLength(atomic ? 0 : 2);
  });

  it('creates the same items as others do at the same moment, once', async () => {
    const skus = Array.from({ length: 50 }, (_, n) => `S-${n}`);
    const upserts = skus.map((sku) => ({ op: 'upsert', sku, item: { name: 'Lamp' } }));
    const client = new Client({ connectionString: api.databaseUrl });
    await client.connect();
    const insert = 'INSERT INTO items (id, owner_id, sku, name) VALUES (gen_random_uuid(), $1, $2, $3)';
    await client.query('BEGIN');
    await client.query(insert, [owner.id, 'S-7', 'Lamp']);
    await client.query(insert, [owner.id, 'S-8', 'Other']);
    const asked = Promise.all([1, 2, 3].map((n) => batch(n % 2 === 0 ? upserts : [...upserts].reverse())));
    const waiting = sql`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
    while ((await api.rows(waiting)).length < 3);
    await client.query('COMMIT');
    await client.end();
    const replies = await asked;
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(replies.flatMap(({ body }) => statuses(body)).filter((status) => status === 201)).toHaveLength(48);
    expect(await stored()).toEqual([...skus].sort().map((sku) => ({ sku, version: sku === 'S-8' ? 2 : 1 })));
  });
});
