// A worker that is told to stop in the middle of something leaves it to others.
import type { INestApplicationContext } from '@nestjs/common';
import { sql } from '@app/database';
import { type Account, TestApi } from '../../../../test/support/api';
import { Catalogues } from '../../../../test/support/catalogues';
import { startWorker } from '../../../../test/support/worker';
import { FeedRunsRepository } from './feeds.runs.repository';
import { FeedsWorker } from './feeds.worker.service';

let api: TestApi;
let admin: Account;
let supplier: Catalogues;
let worker: INestApplicationContext;

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

it('what it was just taking is begun by nobody, and waits for another', async () => {
  const rows = worker.get(FeedRunsRepository, { strict: false });
  const claim = rows.claim.bind(rows);
  const stopped = new Promise<void>((resolve) => {
    jest.spyOn(rows, 'claim').mockImplementation(async (...given) => {
      const taken = await claim(...given);
      if (taken.length > 0) resolve(worker.get(FeedsWorker, { strict: false }).onModuleDestroy());
      return taken;
    });
  });
  const body = { name: 'Feed', url: supplier.items('/items', [{ sku: 'A', name: 'Item' }]), format: 'ndjson' };
  await api.request('POST', '/v1/feeds', { as: admin, body });
  await api.request('POST', '/v1/feeds/refresh', { as: admin, body: {} });
  await stopped;
  expect(supplier.asked.get('/items')).toBeUndefined();
  expect(await api.rows(sql`SELECT state, worker, starts FROM feed_runs`)).toEqual([
    { state: 'queued', worker: null, starts: 1 },
  ]);
});
