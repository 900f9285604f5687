import { Database, forgetOldClaims, sql } from '@app/database';
import { Client } from 'pg';
import { type Account, type Reply, TestApi } from '../../../../test/support/api';

describe('Idempotency-Key', () => {
  let api: TestApi;
  let owner: Account;
  let other: Account;
  let serial = 0;
  let key: string;

  beforeAll(async () => {
    api = await TestApi.start();
    owner = await api.createAccount();
    other = await api.createAccount();
  });

  afterAll(() => api.close());

  beforeEach(async () => {
    await api.rows(sql`DELETE FROM items`);
    key = `key-${serial++}`;
  });

  interface Options {
    as?: Account;
    headers?: Record<string, string>;
    key?: string | null;
  }
  const create = (body: unknown, { as = owner, headers = {}, key: given = key }: Options = {}): Promise<Reply> =>
    api.request('POST', '/v1/items', {
      as,
      body,
      headers: { ...(given !== null && { 'idempotency-key': given }), ...headers },
    });
  const stored = async (): Promise<string[]> =>
    (await api.rows<{ sku: string }>(sql`SELECT sku FROM items ORDER BY sku`)).map(({ sku }) => sku);
  const LAMP = { sku: 'LAMP', name: 'Lamp', price: 5, currency: 'EUR', attributes: { b: 1, a: null } };

  it('is forgotten after a day, however many there are', async () => {
    await api.rows(sql`
      INSERT INTO idempotency_keys (principal, operation, key, fingerprint, status, created_at)
      SELECT 'somebody', 'something', n::text, '', 200, now() - CASE WHEN n > 1201 THEN interval '23 hours' ELSE interval '25 hours' END
      FROM generate_series(1, 1203) AS n`);
    await forgetOldClaims(api.app.get(Database));
    const left = await api.rows<{ key: string }>(
      sql`SELECT key FROM idempotency_keys WHERE principal = 'somebody' ORDER BY key`,
    );
    expect(left.map((one) => one.key)).toEqual(['1202', '1203']);
  });

  it('carries a repeated request out once, and repeats its answer', async () => {
    await api.forget();
    const first = await create(LAMP);
    // The caller, his session, BEGIN with the key's lock and row, the item, the answer with COMMIT.
    expect(first).toMatchObject({ status: 201, sql: 5 });
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    const again = await create(LAMP);
    // BEGIN with the key's lock and row, COMMIT.
    expect(again).toMatchObject({ status: 201, text: first.text, sql: 2 });
    expect(again.headers).toMatchObject({
      'idempotency-replayed': 'true',
      etag: first.headers['etag'],
      location: first.headers['location'],
      'content-type': first.headers['content-type'],
    });
    expect(again.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
    expect(await stored()).toEqual(['LAMP']);
  });

  it('repeats the answer even when the item has changed or gone since', async () => {
    const first = await create(LAMP);
    await api.request('PATCH', `/v1/items/${first.body.id}`, { as: owner, body: { name: 'Torch' } });
    expect((await create(LAMP)).text).toBe(first.text);
    await api.request('DELETE', `/v1/items/${first.body.id}`, { as: owner });
    expect(await create(LAMP)).toMatchObject({ status: 201, text: first.text });
    expect(await stored()).toEqual([]);
  });

  it.each([
    ['another body', { ...LAMP, stock: 1 }],
    ['a field less', { sku: 'LAMP', name: 'Lamp' }],
  ])('refuses the key with %s', async (_name, body) => {
    await create(LAMP);
    expect(await create(body)).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    expect(await stored()).toEqual(['LAMP']);
  });

  it.each([`it's; DROP TABLE items; --`, `\\' "$1" $$ \\\\`, '\u2028 ü 🦉 \u0001'])(
    'repeats %j as it was',
    async (name) => {
      const first = await create({ ...LAMP, name, attributes: { [name]: name } });
      expect(first).toMatchObject({ status: 201, body: { name, attributes: { [name]: name } } });
      const again = await create({ ...LAMP, name, attributes: { [name]: name } });
      expect(again).toMatchObject({ status: 201, text: first.text, headers: { 'idempotency-replayed': 'true' } });
      expect(await stored()).toEqual(['LAMP']);
    },
  );

  it('is the caller’s own, and the operation’s', async () => {
    const mine = await create(LAMP);
    const theirs = await create({ ...LAMP, sku: 'THEIRS' }, { as: other });
    expect(theirs).toMatchObject({ status: 201, body: { ownerId: other.id } });
    const operations = [{ op: 'create', item: { sku: 'BATCH', name: 'B' } }];
    const batch = await api.request('POST', '/v1/items/batch', {
      as: owner,
      body: { operations },
      headers: { 'idempotency-key': key },
    });
    expect(batch.status).toBe(200);
    expect((await create(LAMP)).body).toEqual(mine.body);
    expect(await stored()).toEqual(['BATCH', 'LAMP', 'THEIRS']);
  });

  it('creates one of twenty at the same moment', async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => create(LAMP)));
    const created = replies.filter(({ status }) => status === 201);
    expect(created.length).toBeGreaterThan(0);
    expect(new Set(created.map(({ text }) => text)).size).toBe(1);
    expect(created.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
    for (const one of replies.filter(({ status }) => status !== 201))
      expect(one).toMatchObject({
        status: 409,
        body: { code: 'request_in_progress' },
        headers: { 'retry-after': '1' },
      });
    expect(await stored()).toEqual(['LAMP']);
    expect(await create(LAMP)).toMatchObject({ status: 201, text: created[0]?.text });
  });

  it('is told to wait while the first is at work, after a moment in which it may end', async () => {
    const busy = new Client({ connectionString: api.databaseUrl });
    await busy.connect();
    try {
      await busy.query('BEGIN; LOCK TABLE items IN SHARE MODE');
      const first = create(LAMP);
      const isAtWork = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      while ((await busy.query(isAtWork)).rows.length === 0);
      expect(await create(LAMP)).toMatchObject({ status: 409, body: { code: 'request_in_progress' } });
      await busy.query('COMMIT');
      expect((await first).status).toBe(201);
    } finally {
      await busy.end();
    }
  });

  it('is free again when the effect was refused', async () => {
    await create({ sku: 'TAKEN', name: 'T' }, { key: null });
    expect((await create({ sku: 'TAKEN', name: 'Again' })).status).toBe(409);
    expect((await create({ sku: 'PRICE', name: 'P', price: 1 })).status).toBe(422);
    expect((await create({ sku: 'FREE', name: 'F' })).status).toBe(201);
    expect(await stored()).toEqual(['FREE', 'TAKEN']);
  });

  it('is not claimed by what is refused in front of it', async () => {
    expect((await create({ sku: 1 })).status).toBe(422);
    expect((await create('{', { headers: { 'content-type': 'application/json' } })).status).toBe(400);
    expect((await create(LAMP, { headers: { authorization: '' } })).status).toBe(401);
    expect((await create(LAMP)).headers['idempotency-replayed']).toBeUndefined();
  });

  it('is gone with the effect when the transaction fails', async () => {
    await api.rows(sql`ALTER TABLE items ADD CONSTRAINT items_refused_check CHECK (name <> 'Refused')`);
    expect((await create({ sku: 'R', name: 'Refused' })).status).toBe(409);
    await api.rows(sql`ALTER TABLE items DROP CONSTRAINT items_refused_check`);
    expect((await create({ sku: 'R', name: 'Refused' })).status).toBe(201);
  });

  it('is forgotten after a day', async () => {
    await create(LAMP);
    await api.rows(sql`UPDATE idempotency_keys SET created_at = now() - interval '24 hours 1 second'`);
    expect(await create(LAMP)).toMatchObject({ status: 409, body: { code: 'sku_taken' } });
    await api.rows(sql`DELETE FROM items`);
    const anew = await create(LAMP);
    expect(anew.headers['idempotency-replayed']).toBeUndefined();
    expect((await create(LAMP)).text).toBe(anew.text);
  });

  it.each([[''], ['with space'], ['x'.repeat(256)], ['ü']])('refuses the key %.20j', async (given) => {
    expect(await create(LAMP, { key: given })).toMatchObject({
      status: 400,
      body: { errors: [{ code: 'wrong_format', parameter: 'Idempotency-Key' }] },
    });
    expect(await stored()).toEqual([]);
  });

  it('may be any visible ASCII of up to 255 characters', async () => {
    for (const given of ['!', '"quoted"', '~'.repeat(255), "'; DROP TABLE items; --".replaceAll(' ', '+')])
      expect((await create({ ...LAMP, sku: given.slice(0, 9) }, { key: given })).status).toBe(201);
  });
});
