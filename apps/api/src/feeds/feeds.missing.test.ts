// What a feed has no longer, beside changes of the feed and other feeds.
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
const addFeed = async (url: string, more: object = {}): Promise<string> => {
  const body = { name: `Feed ${serial++}`, url, format: 'ndjson', clearsMissing: true, ...more };
  return (await ask('POST', '/v1/feeds', body)).body.id;
};
const refresh = async (id: string): Promise<string> =>
  (await ask('POST', '/v1/feeds/refresh', { feedIds: [id] })).body.id;
async function outcomeOf(id: string): Promise<Reply['body']> {
  const job = await refresh(id);
  await ask('GET', `/v1/jobs/${job}/events`);
  return (await ask('GET', `/v1/jobs/${job}`)).body.feeds[0];
}
const item = (sku: string): object => ({ sku, name: `Item ${sku}`, stock: 3 });
/** As it is stored: what was read before may be answered once more. */
const stockOf = async (sku: string): Promise<number | undefined> =>
  (await api.rows<{ stock: number }>(sql`SELECT stock FROM items WHERE sku = ${sku}`))[0]?.stock;
const publish = (path: string, ...skus: string[]): string => supplier.items(path, skus.map(item));

describe('a feed that is told to clear, not to, and to again', () => {
  const turn = (id: string, clearsMissing: boolean): Promise<Reply> =>
    ask('PATCH', `/v1/feeds/${id}`, { clearsMissing });

  it('leaves what has vanished meanwhile, and clears what vanishes from then on', async () => {
    const id = await addFeed(publish('/switched', 'A', 'B', 'C'));
    await outcomeOf(id);
    await turn(id, false);
    publish('/switched', 'A', 'B');
    expect(await outcomeOf(id)).toMatchObject({ state: 'succeeded', cleared: 0 });
    await turn(id, true);
    expect(await outcomeOf(id)).toMatchObject({ state: 'succeeded', cleared: 0 });
    publish('/switched', 'A');
    expect(await outcomeOf(id)).toMatchObject({ state: 'succeeded', cleared: 1 });
    expect([await stockOf('C'), await stockOf('B')]).toEqual([3, 0]);
  });

  it('is read whole, to know what it has; but is not when the same is said again', async () => {
    const id = await addFeed(publish('/twice', 'D', 'E'));
    await outcomeOf(id);
    await turn(id, false);
    await turn(id, true);
    expect(await outcomeOf(id)).toMatchObject({ state: 'succeeded', unchanged: 2 });
    await turn(id, true);
    expect(await outcomeOf(id)).toMatchObject({ state: 'unchanged' });
    publish('/twice', 'D');
    expect(await outcomeOf(id)).toMatchObject({ cleared: 1 });
  });

  it('clears nothing and keeps nothing in mind when that was switched off in the middle of a refresh', async () => {
    let end = (): void => undefined;
    const id = await addFeed(publish('/middle', 'F', 'G'));
    await outcomeOf(id);
    const body = `${JSON.stringify(item('G'))}\n`;
    supplier.publish('/middle', (_, response) => void (end = () => response.end(body)));
    const job = await refresh(id);
    while ((supplier.asked.get('/middle') ?? 0) < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    await turn(id, false);
    end();
    await ask('GET', `/v1/jobs/${job}/events`);
    expect((await ask('GET', `/v1/jobs/${job}`)).body.feeds).toMatchObject([{ state: 'succeeded', cleared: 0 }]);
    expect(await stockOf('F')).toBe(3);
    expect(await api.rows(sql`SELECT sku FROM feed_items WHERE feed_id = ${id}::uuid`)).toEqual([]);
  });
});

describe('beside another feed of the owner', () => {
  it('what has moved there stays in stock, until it has vanished there too', async () => {
    const [from, to] = [await addFeed(publish('/from', 'H', 'I')), await addFeed(publish('/to', 'J'))];
    await outcomeOf(from);
    publish('/to', 'J', 'I');
    await outcomeOf(to);
    publish('/from', 'H');
    expect(await outcomeOf(from)).toMatchObject({ state: 'succeeded', cleared: 0 });
    expect(await outcomeOf(to)).toMatchObject({ state: 'unchanged' });
    expect(await stockOf('I')).toBe(3);
    publish('/to', 'J');
    expect(await outcomeOf(to)).toMatchObject({ state: 'succeeded', cleared: 1 });
    expect(await stockOf('I')).toBe(0);
  });

  it('what is cleared before that one’s end is brought back by its next refresh', async () => {
    let end = (): void => undefined;
    const [from, to] = [await addFeed(publish('/early', 'K', 'L')), await addFeed(publish('/late', 'M'))];
    await outcomeOf(from);
    const rows = ['L', ...Array.from({ length: PART_ROWS }, (_, n) => `M${n}`)].map(item);
    const url = supplier.items('/whole', rows);
    const etag = (await fetch(url)).headers.get('etag') as string;
    supplier.publish('/late', (_, response) => {
      response.writeHead(200, { etag }).write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      end = () => response.end();
    });
    const job = await refresh(to);
    while ((await ask('GET', '/v1/items/by-sku/M0')).status !== 200)
      await new Promise((resolve) => setTimeout(resolve, 10));
    publish('/early', 'K');
    expect(await outcomeOf(from)).toMatchObject({ cleared: 1 });
    end();
    await ask('GET', `/v1/jobs/${job}/events`);
    supplier.items('/late', rows);
    expect(await outcomeOf(to)).toMatchObject({ state: 'succeeded', updated: 1 });
    expect(await stockOf('L')).toBe(3);
    expect(await outcomeOf(to)).toMatchObject({ state: 'unchanged' });
  });
});
