// What a supplier has said of a version holds only as long as that version, and nothing of another one, is in.
import type { INestApplicationContext } from '@nestjs/common';
import { sql } from '@app/database';
import { type Account, type Reply, TestApi } from '../../../../test/support/api';
import { Catalogues } from '../../../../test/support/catalogues';
import { startWorker } from '../../../../test/support/worker';

/** A worker hands so many on together, before the rest has come. */
const PART_ROWS = 32;

let api: TestApi;
let admin: Account;
let supplier: Catalogues;
let worker: INestApplicationContext;
let serial = 0;

beforeAll(async () => {
  api = await TestApi.start();
  admin = await api.createAccount({ role: 'admin' });
  supplier = await Catalogues.start();
  worker = await startWorker(api.databaseUrl);
});
afterAll(async () => {
  await worker.close();
  await supplier.stop();
  await api.close();
});

const ask = (method: string, path: string, body?: object): Promise<Reply> =>
  api.request(method, path, { as: admin, body });
const refresh = async (id: string): Promise<string> =>
  (await ask('POST', '/v1/feeds/refresh', { feedIds: [id] })).body.id;
async function outcomeOf(id: string): Promise<Reply['body']> {
  const job = await refresh(id);
  await ask('GET', `/v1/jobs/${job}/events`);
  return (await ask('GET', `/v1/jobs/${job}`)).body.feeds[0];
}
const rows = (prefix: string, stock: number): object[] =>
  Array.from({ length: PART_ROWS }, (_, n) => ({ sku: `${prefix}${n}`, name: 'Row', stock }));
const textOf = (items: readonly object[]): string => items.map((item) => `${JSON.stringify(item)}\n`).join('');
const stockOf = async (sku: string): Promise<number> => (await ask('GET', `/v1/items/by-sku/${sku}`)).body.stock;

/** A feed whose first version is in, as it is from then on. */
async function feedOf(prefix: string, clearsMissing = false): Promise<[string, string]> {
  const path = `/${prefix}`;
  const url = supplier.items(path, rows(prefix, 1));
  const body = { name: `Feed ${serial++}`, url, format: 'ndjson', clearsMissing };
  const { id } = (await ask('POST', '/v1/feeds', body)).body;
  expect(await outcomeOf(id)).toMatchObject({ created: PART_ROWS });
  expect(await outcomeOf(id)).toMatchObject({ state: 'unchanged' });
  return [id, path];
}

describe('a version that comes again is read whole after', () => {
  it('one that was cut', async () => {
    const [id, path] = await feedOf('cut');
    supplier.publish(path, (_, response) => response.end(`${textOf(rows('cut', 2))}{"sku`));
    expect(await outcomeOf(id)).toMatchObject({ code: 'truncated', updated: PART_ROWS });
    supplier.items(path, rows('cut', 1));
    expect(await outcomeOf(id)).toMatchObject({ state: 'succeeded', updated: PART_ROWS });
    expect(await stockOf('cut0')).toBe(1);
    expect(await outcomeOf(id)).toMatchObject({ state: 'unchanged' });
  });

  it('one with a row that was rejected', async () => {
    const [id, path] = await feedOf('bad');
    supplier.items(path, [...rows('bad', 2), { sku: 'bad' }]);
    expect(await outcomeOf(id)).toMatchObject({ rejected: 1, updated: PART_ROWS });
    supplier.items(path, rows('bad', 1));
    expect(await outcomeOf(id)).toMatchObject({ state: 'succeeded', updated: PART_ROWS });
  });

  it('one that was cancelled', async () => {
    const [id, path] = await feedOf('off');
    supplier.publish(path, (_, response) => response.write(textOf(rows('off', 2))));
    const job = await refresh(id);
    while ((await stockOf('off0')) !== 2) await new Promise((resolve) => setTimeout(resolve, 10));
    await ask('DELETE', `/v1/jobs/${job}`);
    supplier.items(path, rows('off', 1));
    expect(await outcomeOf(id)).toMatchObject({ state: 'succeeded', updated: PART_ROWS });
  });

  it('one that only cleared', async () => {
    const [id, path] = await feedOf('gone', true);
    supplier.items(path, [...rows('gone', 1).slice(1), { sku: 'bad', name: 'Row', stock: -1 }]);
    expect(await outcomeOf(id)).toMatchObject({ rejected: 1, updated: 0, cleared: 1 });
    supplier.items(path, rows('gone', 1));
    expect(await outcomeOf(id)).toMatchObject({ state: 'succeeded', updated: 1 });
    expect(await stockOf('gone0')).toBe(1);
  });
});

it('a version that changes nothing is kept as the one to ask for', async () => {
  const [id, path] = await feedOf('same');
  supplier.items(path, rows('same', 1).slice(1));
  expect(await outcomeOf(id)).toMatchObject({ state: 'succeeded', unchanged: PART_ROWS - 1 });
  expect(await outcomeOf(id)).toMatchObject({ state: 'unchanged' });
  expect(await api.rows(sql`SELECT feed_id FROM feed_validators WHERE feed_id = ${id}::uuid`)).toHaveLength(1);
});
