import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from '@app/database';
import { Client } from 'pg';
import { type Account, type Reply, TestApi } from '../../../../test/support/api';

let api: TestApi;
let admin: Account;
let serial = 0;

beforeAll(async () => {
  api = await TestApi.start();
  admin = await api.createAccount({ role: 'admin' });
});
afterAll(() => api.close());
beforeEach(async () => {
  for (const { id } of (await ask('GET', '/v1/feeds?limit=100')).body.data) await ask('DELETE', `/v1/feeds/${id}`);
});

const ask = (method: string, path: string, body?: object): Promise<Reply> =>
  api.request(method, path, { as: admin, body });
const addFeed = async (more: object = {}): Promise<string> => {
  const body = { name: `Feed ${serial++}`, url: 'https://supplier.example/', format: 'csv', ...more };
  return (await ask('POST', '/v1/feeds', body)).body.id;
};
const refresh = (body: object = {}): Promise<Reply> => ask('POST', '/v1/feeds/refresh', body);
const job = async (id: string) => (await ask('GET', `/v1/jobs/${id}`)).body;

describe('a refresh, while no worker runs', () => {
  it('is accepted, says where it is, and waits', async () => {
    const id = await addFeed();
    await addFeed({ enabled: false });
    const accepted = await refresh();
    expect(accepted).toMatchObject({
      status: 202,
      headers: { location: `/v1/jobs/${accepted.body.id}` },
      body: { state: 'queued', finishedAt: null, progress: { feeds: 1, queued: 1 } },
    });
    expect(await job(accepted.body.id)).toMatchObject({ feeds: [{ feedId: id, state: 'queued', status: null }] });
  });

  it('takes the feeds that it names, enabled or not', async () => {
    const [id] = [await addFeed({ enabled: false }), await addFeed()];
    const { body } = await refresh({ feedIds: [id, id] });
    expect((await job(body.id)).feeds.map((one: { feedId: string }) => one.feedId)).toEqual([id]);
  });

  it('names the feeds that there are not', async () => {
    const unknown = '01980a6e-5d5a-7c3e-8a52-3f1d2c4b5a69';
    expect(await refresh({ feedIds: [await addFeed(), unknown] })).toMatchObject({
      status: 422,
      body: { errors: [{ code: 'feed_not_found', pointer: '/feedIds/1' }] },
    });
  });

  it('of no feed is done', async () => {
    const { body } = await refresh();
    expect(body).toMatchObject({ state: 'done', finishedAt: body.createdAt, progress: { feeds: 0 } });
  });

  it('of feeds that wait already joins them: cancelling one job leaves them to the other', async () => {
    await addFeed();
    const [first, second] = await Promise.all([refresh(), refresh()]);
    expect(await ask('DELETE', `/v1/jobs/${first.body.id}`)).toMatchObject({ status: 204 });
    expect(await job(first.body.id)).toMatchObject({ state: 'cancelled', feeds: [{ state: 'cancelled' }] });
    expect(await job(second.body.id)).toMatchObject({ state: 'queued', feeds: [{ state: 'queued' }] });
    await ask('DELETE', `/v1/jobs/${second.body.id}`);
    expect(await job(second.body.id)).toMatchObject({ state: 'cancelled', progress: { cancelled: 1 } });
    expect((await refresh()).body).toMatchObject({ state: 'queued' });
  });

  it('locks what it joins in the order of the ids of the runs, as those do who read them: nobody waits in a circle', async () => {
    const feeds = [await addFeed(), await addFeed()];
    const [low, high] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
    await api.rows(sql`INSERT INTO feed_runs (id, feed_id) VALUES (${high}, ${feeds[0]}), (${low}, ${feeds[1]})`);
    const worker = new Client({ connectionString: api.databaseUrl });
    await worker.connect();
    const lock = (id: string) => worker.query('SELECT FROM feed_runs WHERE id = $1 FOR UPDATE NOWAIT', [id]);
    const isWaitedFor = async (): Promise<boolean> =>
      (await worker.query('SELECT FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))')).rows.length > 0;
    try {
      await worker.query('BEGIN');
      await lock(low);
      const joined = refresh();
      while (!(await isWaitedFor())) await new Promise((resolve) => setTimeout(resolve, 5));
      await lock(high);
      await worker.query('COMMIT');
      expect(await joined).toMatchObject({ status: 202, body: { progress: { feeds: 2, queued: 2 } } });
    } finally {
      await worker.end();
    }
  });

  it('stays done when it is cancelled afterwards', async () => {
    const { body } = await refresh();
    expect(await ask('DELETE', `/v1/jobs/${body.id}`)).toMatchObject({ status: 204 });
    expect(await job(body.id)).toMatchObject({ state: 'done' });
  });

  it.each(['GET', 'DELETE'])('%s of one that there is not is a 404', async (method) => {
    const path = '/v1/jobs/01980a6e-5d5a-7c3e-8a52-3f1d2c4b5a69';
    expect(await ask(method, path)).toMatchObject({ status: 404, body: { code: 'job_not_found' } });
    if (method === 'GET') expect(await ask(method, `${path}/events`)).toMatchObject({ status: 404 });
  });
});

describe('the events of a job', () => {
  const events = async (id: string, lastEventId?: string) => {
    const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    return api.request('GET', `/v1/jobs/${id}/events`, { as: admin, headers });
  };
  const idsIn = ({ text }: Reply): string[] => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id as string);

  it('tell of each feed and of the end, and whoever comes back gets what is left', async () => {
    await Promise.all([addFeed(), addFeed(), addFeed()]);
    const { id } = (await refresh()).body;
    await ask('DELETE', `/v1/jobs/${id}`);
    const all = await events(id);
    expect(all.headers).toMatchObject({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    expect(idsIn(all)).toEqual(['1', '2', '3', '3']);
    expect(all.text).toMatch(/event: done\ndata: \{.*"state":"cancelled".*\n\n$/);
    expect(idsIn(await events(id, '2'))).toEqual(['3', '3']);
    expect(idsIn(await events(id, '3'))).toEqual(['3']);
  });

  it('end also when the feed that ended last was deleted', async () => {
    await Promise.all([addFeed(), addFeed(), addFeed()]);
    const { id } = (await refresh()).body;
    await ask('DELETE', `/v1/jobs/${id}`);
    await ask('DELETE', `/v1/feeds/${(await job(id)).feeds[2].feedId}`);
    expect(idsIn(await events(id))).toEqual(['1', '2', '3']);
    expect(idsIn(await events(id, '2'))).toEqual(['3']);
  });

  it('are numbered', async () => {
    const { id } = (await refresh()).body;
    expect(await events(id, 'x')).toMatchObject({ status: 400, body: { errors: [{ parameter: 'Last-Event-ID' }] } });
  });

  it('come while the job goes on, from any instance, and the stream ends with the client or the instance', async () => {
    await addFeed();
    const { id } = (await refresh()).body;
    const other = await api.join();
    await other.app.listen(0, '127.0.0.1');
    const { port } = other.app.getHttpServer().address() as AddressInfo;
    const headers = { authorization: `Bearer ${admin.token}` };
    let text = '';
    const ended = new Promise<void>((resolve, reject) => {
      request({ port, path: `/v1/jobs/${id}/events`, headers }, (answer) => {
        answer.setEncoding('utf8').on('data', (part: string) => {
          if (!text.includes('event: progress') && part.includes('event: progress'))
            void ask('DELETE', `/v1/jobs/${id}`);
          text += part;
        });
        answer.on('end', resolve).on('error', reject);
      }).end();
    });
    await ended;
    expect(text).toMatch(/event: progress[^]*event: feed[^]*"state":"cancelled"[^]*event: done/);
    await other.close();
  });
});
