// The service on four connections that PgBouncer shares out transaction by transaction, with names for statements and without.
import { Database, sql } from '@app/database';
import { Client } from 'pg';
import { type Account, TestApi } from '../support/api';
import { createDatabase, type TestDatabase } from '../support/database';
import { type PgBouncer, startPgBouncer } from '../support/pgbouncer';
import { describeWith } from '../support/programs';

describeWith('pgbouncer', 'through PgBouncer', (path) => {
  let database: TestDatabase;
  let pooler: PgBouncer;

  beforeAll(async () => {
    database = await createDatabase('empty');
    pooler = await startPgBouncer(path, database.url, 10);
  });
  afterAll(async () => {
    await pooler?.stop();
    await database.drop();
  });

  describe.each([
    ['with names for statements, until they are refused', true],
    ['without names', false],
  ])('%s', (_name, databasePrepared) => {
    let api: TestApi;
    let other: TestApi;
    let owner: Account;
    const prefix = databasePrepared ? 'N' : 'U';

    beforeAll(async () => {
      // An advisory lock of a session guards the migrations.
      const settings = { databasePrepared, databaseDirectUrl: database.url, migrate: true };
      api = await TestApi.on(pooler.url, settings);
      other = await TestApi.on(pooler.url, settings);
      owner = await api.createAccount();
    }, 60_000);
    afterAll(async () => {
      await other?.close();
      await api?.close();
    });

    const create = (sku: string, headers = {}) =>
      api.request('POST', '/v1/items', { as: owner, headers, body: { sku: `${prefix}-${sku}`, name: sku } });

    it('writes, and reads what was written on both instances', async () => {
      const { status, body, headers } = await create('LAMP');
      expect(status).toBe(201);
      const token = { 'consistency-token': String(headers['consistency-token']) };
      const url = `/v1/items/${body.id}`;
      expect((await other.get(url, { headers: token })).body).toMatchObject({ name: 'LAMP' });
      const patch = {
        as: owner,
        headers: { 'content-type': 'application/merge-patch+json' },
        body: '{"name":"Lantern"}',
      };
      const changed = await api.request('PATCH', url, { ...patch });
      expect(changed).toMatchObject({ status: 200, body: { name: 'Lantern' } });
      const put = { as: owner, body: { name: 'Torch' } };
      expect((await api.request('PUT', `/v1/items/by-sku/${prefix}-LAMP`, put)).status).toBe(200);
      expect((await api.request('DELETE', url, { as: owner })).status).toBe(204);
      await other.look();
      expect((await other.get(url)).status).toBe(404);
    });

    it('carries a keyed request out once', async () => {
      const headers = { 'idempotency-key': `${prefix}-key` };
      const replies = await Promise.all(Array.from({ length: 8 }, () => create('ONCE', headers)));
      expect(new Set(replies.filter(({ status }) => status === 201).map(({ text }) => text)).size).toBe(1);
      expect(replies.every(({ status }) => status === 201 || status === 409)).toBe(true);
      expect((await create('ONCE', headers)).headers['idempotency-replayed']).toBe('true');
    });

    it('imports, exports, and gathers reads of hundreds at once', async () => {
      const lines = Array.from({ length: 400 }, (_, n) => JSON.stringify({ sku: `${prefix}-I${n}`, name: `I ${n}` }));
      const headers = { 'content-type': 'application/x-ndjson' };
      const imported = await api.request('POST', '/v1/items/import', { as: owner, headers, body: lines.join('\n') });
      expect(imported.status).toBe(200);
      const rows = await api.rows<{ id: string; name: string }>(
        sql`SELECT id, name FROM items WHERE sku LIKE ${`${prefix}-I%`}`,
      );
      expect(rows).toHaveLength(400);
      for (let time = 0; time < 3; time++) {
        await other.forget();
        const replies = await Promise.all(
          rows.map(async ({ id, name }) => [name, (await other.get(`/v1/items/${id}`)).body.name] as const),
        );
        expect(replies.filter(([name, shown]) => name !== shown)).toEqual([]);
      }
      const exported = await api.get('/v1/items/export', { as: owner, headers: { accept: 'application/x-ndjson' } });
      expect(exported.text.split('\n').filter((line) => line.includes(`"${prefix}-I`))).toHaveLength(400);
    });

    it('repeats statements with names or their like, on whatever connection', async () => {
      const replies = await Promise.all(Array.from({ length: 60 }, (_, n) => create(`W${n}`)));
      expect(replies.filter(({ status }) => status !== 201)).toEqual([]);
    });

    it('shows what SQL has changed past it', async () => {
      const { body } = await create('FRESH');
      await other.get(`/v1/items/${body.id}`);
      const client = new Client({ connectionString: database.url });
      await client.connect();
      await client.query('UPDATE items SET name = $1 WHERE id = $2', ['Changed', body.id]);
      await client.end();
      await other.look();
      expect((await other.get(`/v1/items/${body.id}`)).body.name).toBe('Changed');
    });

    it('holds the limits that PgBouncer does not pass on', async () => {
      const limits = await api.app.get(Database).rows<{ name: string; setting: string }>(sql`
        SELECT name, setting FROM pg_settings
        WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout')`);
      expect(Object.fromEntries(limits.map(({ name, setting }) => [name, setting]))).toEqual({
        statement_timeout: '2000',
        lock_timeout: '500',
        idle_in_transaction_session_timeout: '5000',
      });
    });
  });

  describe('while all of its connections are taken', () => {
    let small: PgBouncer;
    let api: TestApi;

    beforeAll(async () => {
      small = await startPgBouncer(path, database.url);
      api = await TestApi.on(small.url, { databasePrepared: false, databaseDirectUrl: database.url, migrate: true });
    }, 60_000);
    afterAll(async () => {
      await api?.close();
      await small?.stop();
    });

    it('refuses who waits for one before the instance takes its own for dead', async () => {
      const holders = Array.from({ length: 4 }, () => new Client({ connectionString: small.url }));
      for (const one of holders) one.on('error', () => undefined);
      try {
        await Promise.all(holders.map((one) => one.connect().then(() => one.query('BEGIN'))));
        const begun = performance.now();
        expect((await api.get('/v1/items?q=held')).status).toBe(503);
        expect(performance.now() - begun).toBeLessThan(2_250);
      } finally {
        await Promise.all(holders.map((one) => one.end().catch(() => undefined)));
      }
      expect((await api.get('/v1/items?q=free')).status).toBe(200);
    });
  });
});
