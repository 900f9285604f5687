import type { INestApplicationContext } from '@nestjs/common';
import { sql } from '@app/database';
import { type Account, type Reply, TestApi } from '../../../../test/support/api';
import { Catalogues } from '../../../../test/support/catalogues';
import { publishes, redirects } from '../../../../test/support/supplier';
import { startWorker } from '../../../../test/support/worker';

/** A worker hands so many on together: the batch that it writes while the rest has not come. */
const ROWS_AT_ONCE = 32;

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
  const body = { name: `Feed ${serial++}`, url, format: 'ndjson', ...more };
  return (await ask('POST', '/v1/feeds', body)).body.id;
};
const refresh = async (...feedIds: string[]): Promise<string> =>
  (await ask('POST', '/v1/feeds/refresh', { feedIds })).body.id;

/** The job when it is over. */
async function done(id: string): Promise<Reply['body']> {
  // Resolves with the end of the events, which is that of the job.
  await ask('GET', `/v1/jobs/${id}/events`);
  return (await ask('GET', `/v1/jobs/${id}`)).body;
}
const outcomeOf = async (...feedIds: string[]) => (await done(await refresh(...feedIds))).feeds[0];
const item = (sku: string, more: object = {}) => ({ sku, name: `Item ${sku}`, stock: 3, ...more });
const stored = async (sku: string) => (await ask('GET', `/v1/items/by-sku/${sku}`)).body;
const untilAsked = async (path: string, times = 1): Promise<void> => {
  while ((supplier.asked.get(path) ?? 0) < times) await new Promise((resolve) => setTimeout(resolve, 10));
};

describe('a refresh', () => {
  it('brings new items, changes some, leaves those alone that are as they were, and says what is wrong with others', async () => {
    const id = await addFeed(supplier.items('/mixed', [item('A'), item('B')]));
    expect(await outcomeOf(id)).toMatchObject({
      ...{ state: 'succeeded', status: 200, received: 2, created: 2, updated: 0, unchanged: 0, rejected: 0 },
      ...{ attempts: 1, code: null, errors: [] },
    });
    expect(await stored('A')).toMatchObject({ ownerId: admin.id, version: 1, stock: 3 });
    supplier.items('/mixed', [item('A'), item('B', { stock: 4 }), item('C', { stock: -1 }), item('D')]);
    const outcome = await outcomeOf(id);
    expect(outcome).toMatchObject({ received: 4, created: 1, updated: 1, unchanged: 1, rejected: 1 });
    expect(outcome.errors).toEqual([{ line: 3, code: 'out_of_range', detail: expect.any(String), pointer: '/stock' }]);
    expect([(await stored('A')).version, (await stored('B')).version]).toEqual([1, 2]);
    expect(outcome.bytes).toBeGreaterThan(100);
  });

  it('is not stopped by a row whose keys cannot be stored, nor is anybody else', async () => {
    const rows = [item('N', { 'x\0': 1 }), item('L', { 'y\ud800': 1 }), item('N1')];
    const bad = await addFeed(supplier.items('/poison', rows));
    const good = await addFeed(supplier.items('/beside', [item('N2')]));
    const { feeds } = await done(await refresh(bad, good));
    const outcomes = feeds.map(({ created, rejected }: Record<string, number>) => ({ created, rejected }));
    expect(outcomes).toEqual(
      expect.arrayContaining([
        { created: 1, rejected: 2 },
        { created: 1, rejected: 0 },
      ]),
    );
    const pointers = feeds.flatMap(({ errors }: { errors: { pointer: string }[] }) =>
      errors.map(({ pointer }) => pointer),
    );
    expect(pointers).toEqual(['/x\ufffd', '/y\ufffd']);
  });

  it('costs one 304 and no row when nothing is new, but for rows that were rejected', async () => {
    const id = await addFeed(supplier.items('/same', [item('E')]));
    await outcomeOf(id);
    const [before] = await api.rows<{ rows: string }>(sql`SELECT sum(version) AS rows FROM items`);
    expect(await outcomeOf(id)).toMatchObject({ state: 'unchanged', status: 304, received: 0, attempts: 1 });
    expect(await api.rows(sql`SELECT sum(version) AS rows FROM items`)).toEqual([before]);
    const rejected = await addFeed(supplier.items('/rejected', [item('F', { price: 1 })]));
    await outcomeOf(rejected);
    expect(await outcomeOf(rejected)).toMatchObject({ state: 'succeeded', status: 200, rejected: 1 });
  });

  it('reads a feed whole again after it was changed', async () => {
    const id = await addFeed(supplier.items('/whole', [item('G')]));
    await outcomeOf(id);
    await ask('PATCH', `/v1/feeds/${id}`, { clearsMissing: true });
    expect(await outcomeOf(id)).toMatchObject({ state: 'succeeded', status: 200, unchanged: 1 });
  });

  it('asks conditionally behind a redirect, as long as that leads to the same URL', async () => {
    const same = (sku: string) => publishes(JSON.stringify(item(sku)) + '\n', { etag: '"1"' });
    supplier.publish('/first', same('R1'));
    supplier.publish('/second', same('R2'));
    const id = await addFeed(supplier.publish('/moves', redirects('/first')));
    await outcomeOf(id);
    expect(await outcomeOf(id)).toMatchObject({ state: 'unchanged', status: 304 });
    supplier.publish('/moves', redirects('/second'));
    expect(await outcomeOf(id)).toMatchObject({ state: 'succeeded', created: 1 });
  });

  it('leaves the items of others alone', async () => {
    const other = await api.createAccount();
    await api.request('POST', '/v1/items', { as: other, body: item('H') });
    const id = await addFeed(supplier.items('/others', [item('H', { stock: 9 }), item('I')]));
    const errors = [{ line: 1, code: 'not_allowed' }];
    expect(await outcomeOf(id)).toMatchObject({ created: 1, unchanged: 0, rejected: 1, errors });
    expect(await stored('H')).toMatchObject({ stock: 3, ownerId: other.id });
  });

  it('takes what has vanished out of stock, if the feed says so and its rows can be read', async () => {
    const id = await addFeed(supplier.items('/shrinks', [item('J'), item('K'), item('L')]), { clearsMissing: true });
    await outcomeOf(id);
    supplier.publish('/shrinks', (_, response) => response.end(`${JSON.stringify(item('J'))}\n{"sku"\n`));
    expect(await outcomeOf(id)).toMatchObject({ rejected: 1, cleared: 0 });
    supplier.items('/shrinks', [item('J'), item('K', { stock: -1 })]);
    expect(await outcomeOf(id)).toMatchObject({ rejected: 1, cleared: 1 });
    expect([(await stored('K')).stock, (await stored('L')).stock]).toEqual([3, 0]);
  });

  it('goes on with all other feeds whatever becomes of one', async () => {
    const bad = [
      ['/cut', (_: unknown, response: any) => response.end(`${JSON.stringify(item('M'))}\n{"sku`)], // eslint-disable-line @typescript-eslint/no-explicit-any -- what Node hands out
      ['/none', undefined],
    ] as const;
    const ids = [];
    for (const [path, publish] of bad)
      ids.push(await addFeed(supplier.publish(path, publish ?? ((_, r) => r.writeHead(404).end()))));
    ids.push(await addFeed('http://10.0.0.1/'), await addFeed(supplier.items('/good', [item('N')])));
    const { feeds, progress } = await done(await refresh(...ids));
    const codes = new Map(feeds.map((one: { feedId: string; code: string }) => [one.feedId, one.code]));
    expect(ids.map((id) => codes.get(id))).toEqual(['truncated', 'http_status', 'address_refused', null]);
    expect(progress).toMatchObject({ feeds: 4, succeeded: 1, failed: 3, created: 2 });
    expect(await stored('M')).toMatchObject({ version: 1 });
  });

  it('is joined by another one of the same feed: one request, one outcome for both', async () => {
    const open: (() => void)[] = [];
    const url = supplier.publish(
      '/slow',
      (_, response) => void open.push(() => response.end(JSON.stringify(item('O')))),
    );
    const id = await addFeed(url);
    const first = await refresh(id);
    await untilAsked('/slow');
    const second = await refresh(id);
    open.forEach((answer) => answer());
    const jobs = [await done(first), await done(second)];
    expect(jobs.map(({ feeds }) => feeds[0])).toEqual([expect.objectContaining({ created: 1 }), jobs[0].feeds[0]]);
    expect(supplier.asked.get('/slow')).toBe(1);
  });

  it('is cancelled in flight: the supplier sees the connection end', async () => {
    let hasEnded: Promise<void> | undefined;
    const url = supplier.publish('/endless', (_, response) => {
      hasEnded = new Promise((resolve) => response.on('close', resolve));
      response.write(`${JSON.stringify(item('P'))}\n`);
    });
    const job = await refresh(await addFeed(url));
    await untilAsked('/endless');
    expect(await ask('DELETE', `/v1/jobs/${job}`)).toMatchObject({ status: 204 });
    await hasEnded;
    expect(await done(job)).toMatchObject({ state: 'cancelled', feeds: [{ state: 'cancelled' }] });
  });

  describe.each<[string, (path: string) => Promise<Reply>]>([
    ['is deleted', (path) => ask('DELETE', path)],
    ['is disabled', (path) => ask('PATCH', path, { status: 'disabled' })],
    ['is no administrator any more', (path) => ask('PATCH', path, { role: 'user' })],
  ])('goes on in the name of an owner who %s, as the items do', (change, happen) => {
    const gone = async (owner: Account): Promise<void> => {
      expect((await happen(`/v1/users/${owner.id}`)).status).toBeLessThan(300);
    };
    /** The owner asks for the refresh, too. */
    const asked = async (url: string): Promise<[Account, string]> => {
      const owner = await api.createAccount({ role: 'admin' });
      const body = { name: `Feed ${serial++}`, url, format: 'ndjson' };
      const { id } = (await api.request('POST', '/v1/feeds', { as: owner, body })).body;
      const job = await api.request('POST', '/v1/feeds/refresh', { as: owner, body: { feedIds: [id] } });
      return [owner, job.body.id];
    };
    const sku = (row: string): string => `${change.replaceAll(' ', '-')}-${row}`;

    it('before a worker takes it', async () => {
      await worker.close();
      const [owner, job] = await asked(supplier.items(`/before/${sku('')}`, [item(sku('A'))]));
      await gone(owner);
      worker = await startWorker(api.databaseUrl);
      expect(await done(job)).toMatchObject({
        state: 'done',
        feeds: [{ state: 'succeeded', created: 1, rejected: 0 }],
      });
      expect(await stored(sku('A'))).toMatchObject({ ownerId: owner.id });
    });

    it('in its middle, and at each refresh from then on', async () => {
      let end = (): unknown => undefined;
      const path = `/middle/${sku('')}`;
      const url = supplier.publish(path, (_, response) => {
        for (let row = 0; row < ROWS_AT_ONCE; row++) response.write(`${JSON.stringify(item(sku(`B${row}`)))}\n`);
        end = () => response.end(JSON.stringify(item(sku('C'))));
      });
      const [owner, job] = await asked(url);
      while ((await stored(sku('B0'))).ownerId !== owner.id) await new Promise((resolve) => setTimeout(resolve, 10));
      await gone(owner);
      end();
      const { feeds } = await done(job);
      expect(feeds).toMatchObject([{ state: 'succeeded', created: ROWS_AT_ONCE + 1, rejected: 0 }]);
      expect(await stored(sku('C'))).toMatchObject({ ownerId: owner.id });
      supplier.items(path, [item(sku('C'), { stock: 4 })]);
      expect(await outcomeOf(feeds[0].feedId)).toMatchObject({ state: 'succeeded', updated: 1, rejected: 0 });
      expect(await ask('DELETE', `/v1/feeds/${feeds[0].feedId}`)).toMatchObject({ status: 204 });
    });
  });

  it('is left to another worker when one stops', async () => {
    let isFirst = true;
    const url = supplier.publish('/handed-on', (_, response) => {
      if (!isFirst) response.end(JSON.stringify(item('Q')));
      isFirst = false;
    });
    const job = await refresh(await addFeed(url));
    await untilAsked('/handed-on');
    await worker.close();
    worker = await startWorker(api.databaseUrl);
    expect(await done(job)).toMatchObject({ state: 'done', feeds: [{ state: 'succeeded', created: 1 }] });
  });
});
