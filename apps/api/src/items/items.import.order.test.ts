import { Database, sql } from '@app/database';
import { Client } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { type Account, TestApi } from '../../../../test/support/api';
import { type ImportOutcome, ItemsImportRepository } from './items.import.repository';

let api: TestApi;
let owner: Account;

beforeAll(async () => {
  api = await TestApi.start();
  owner = await api.createAccount();
});

afterAll(() => api.close());

const absent = { description: null, price: null, currency: null, stock: 0, tags: [], attributes: {} };

function upsert(lines: readonly { sku: string; name: string }[]): Promise<ImportOutcome> {
  const rows = lines.map((values, line) => ({ ...absent, ...values, id: uuidv7(), line }));
  const caller = { id: owner.id, isAdmin: false };
  return api.app.get(ItemsImportRepository).upsert(caller, Buffer.from(JSON.stringify(rows)));
}

async function someoneWaits(): Promise<void> {
  const waiting = sql`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
  while ((await api.rows(waiting)).length === 0);
}

it('waits for what it changes before it holds what is new, as a batch does', async () => {
  await upsert([{ sku: 'crc-2', name: 'Lamp' }]);
  const client = new Client({ connectionString: api.databaseUrl });
  await client.connect();
  await client.query(`BEGIN; SELECT 1 FROM items WHERE sku = 'crc-2' FOR UPDATE`);
  const outcome = upsert([1, 2].map((n) => ({ sku: `crc-${n}`, name: 'Shade' })));
  await someoneWaits();
  const insert = 'INSERT INTO items (id, owner_id, sku, name) VALUES (gen_random_uuid(), $1, $2, $3)';
  await client.query(insert, [owner.id, 'crc-1', 'Lamp']);
  await client.query('COMMIT');
  await client.end();
  expect(await outcome).toEqual({ created: [], updated: [1, 0], refused: [] });
});

it('writes what it changes as it is now, not as it was compared', async () => {
  await upsert([1, 2, 3].map((n) => ({ sku: `cmp-${n}`, name: 'Lamp' })));
  const client = new Client({ connectionString: api.databaseUrl });
  await client.connect();
  await client.query('BEGIN');
  await client.query(`UPDATE items SET name = 'Shade' WHERE sku = 'cmp-1'`);
  await client.query(`UPDATE items SET stock = 7 WHERE sku = 'cmp-2'`);
  await client.query(`DELETE FROM items WHERE sku = 'cmp-3'`);
  const outcome = upsert([1, 2, 3].map((n) => ({ sku: `cmp-${n}`, name: 'Shade' })));
  await someoneWaits();
  await client.query('COMMIT');
  await client.end();
  expect(await outcome).toEqual({ created: [2], updated: [1], refused: [] });
  expect(await api.rows(sql`SELECT name, stock, version FROM items WHERE sku LIKE 'cmp-%' ORDER BY sku`)).toEqual([
    { name: 'Shade', stock: 0, version: 2 },
    { name: 'Shade', stock: 0, version: 3 },
    { name: 'Shade', stock: 0, version: 1 },
  ]);
});

it('makes the generated columns of a row once, be it new or changed', async () => {
  // Of earlier transactions on the same connection, too.
  const calls = async (): Promise<number> => {
    const counted = sql`SELECT coalesce(pg_stat_get_xact_function_calls('terms_of'::regproc), 0)::integer AS calls`;
    const [row] = await api.rows<{ calls: number }>(counted);
    return row?.calls ?? NaN;
  };
  const callsFor = (name: string) =>
    api.app.get(Database).transaction(async () => {
      await api.rows(sql`SELECT set_config('track_functions', 'all', true)`);
      const before = await calls();
      await upsert(Array.from({ length: 9 }, (_, n) => ({ sku: `gen-${n}`, name })));
      return (await calls()) - before;
    });
  expect([await callsFor('Lamp'), await callsFor('Shade'), await callsFor('Shade')]).toEqual([9, 9, 0]);
});
