import { sql } from '@app/database';
import { Telemetry } from '@app/telemetry';
import { type Account, PASSWORD, type Reply, TestApi } from '../../../../test/support/api';

type Body = Reply['body'];

let instances: [TestApi, TestApi];
let api: TestApi;
let ada: Account;

beforeAll(async () => {
  api = await TestApi.start();
  instances = [api, await api.join()];
  ada = await api.createAccount();
});
afterAll(async () => {
  await instances[1].close();
  await api.close();
});

const make = async (as = ada): Promise<Body> =>
  (
    await api.request('POST', '/v1/api-keys', {
      as,
      body: { name: 'Key', scopes: ['read', 'write'], currentPassword: PASSWORD },
    })
  ).body;
const me = ({ key }: Body, on = api): Promise<Reply> =>
  on.get('/v1/users/me', { headers: { authorization: `Bearer ${key}` } });
const create = ({ key }: Body, sku: string): Promise<Reply> =>
  api.request('POST', '/v1/items', { headers: { authorization: `Bearer ${key}` }, body: { sku, name: 'Lamp' } });
const lastUsed = async ({ id }: Body): Promise<string | null> => {
  const { data } = (await api.get('/v1/api-keys', { as: ada })).body;
  return data.find((one: { id: string }) => one.id === id).lastUsedAt;
};
/** What the service is sure to do soon. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}
/** A key whose use is noted for this minute, so that nothing is written while it ends. */
async function usedKey(as = ada): Promise<Body> {
  const made = await make(as);
  for (const instance of instances) await me(made, instance);
  await until(async () => (await api.rows(sql`SELECT 1 FROM api_key_uses WHERE id = ${made.id}`)).length === 1);
  return made;
}
const invalid = { status: 401, body: { code: 'invalid_token' } };

describe('a request with a key', () => {
  it('costs two statements, for the key and its owner, once', async () => {
    const made = await usedKey();
    await api.forget();
    // Whoever is let in is told what is wrong with the item.
    for (const cost of [2, 0, 0]) expect(await create(made, '')).toMatchObject({ status: 422, sql: cost });
    for (const cost of [1, 1]) expect(await me(made)).toMatchObject({ status: 200, sql: cost });
  });

  it.each<[name: string, end: (made: Body) => Promise<unknown>]>([
    ['is deleted', (made) => api.request('DELETE', `/v1/api-keys/${made.id}`, { as: ada })],
    ['is deleted past the service', (made) => api.rows(sql`DELETE FROM api_keys WHERE id = ${made.id}`)],
    ['has come to its end', (made) => api.rows(sql`UPDATE api_keys SET expires_at = now() WHERE id = ${made.id}`)],
  ])('is refused from then on that the key %s, on every instance', async (_, end) => {
    const made = await usedKey();
    for (const instance of instances) expect((await me(made, instance)).status).toBe(200);
    await end(made);
    await instances[1].look();
    for (const instance of [...instances, ...instances]) expect(await me(made, instance)).toMatchObject(invalid);
  });

  it('is refused while its owner is disabled, and for good once he is deleted', async () => {
    const [admin, eve] = [await api.createAccount({ role: 'admin' }), await api.createAccount()];
    const made = await usedKey(eve);
    const become = async (status: string): Promise<void> => {
      await api.request('PATCH', `/v1/users/${eve.id}`, { as: admin, body: { status } });
      await instances[1].look();
    };
    await become('disabled');
    for (const instance of instances) expect(await me(made, instance)).toMatchObject(invalid);
    await become('active');
    for (const instance of instances) expect((await me(made, instance)).status).toBe(200);
    await api.request('DELETE', `/v1/users/${eve.id}`, { as: admin });
    await instances[1].look();
    for (const instance of instances) expect(await me(made, instance)).toMatchObject(invalid);
  });

  it('is let in or refused, and never fails, while its key is deleted', async () => {
    const made = await make();
    const asked = Array.from({ length: 40 }, (_, n) => create(made, `RACE-${n}`));
    const deleted = api.request('DELETE', `/v1/api-keys/${made.id}`, { as: ada });
    const late = deleted.then(() => create(made, 'RACE-LATE'));
    for (const { status } of await Promise.all(asked)) expect([201, 401]).toContain(status);
    expect((await late).status).toBe(401);
  });
});

describe('the last use of a key', () => {
  it('is written down behind the request, once a minute, by whichever instance', async () => {
    const made = await make();
    const before = Date.now();
    expect(await me(made)).toMatchObject({ status: 200 });
    await until(async () => (await lastUsed(made)) !== null);
    const first = await lastUsed(made);
    expect(first).toMatch(/:00\.000Z$/);
    expect(Date.parse(first!)).toBeGreaterThan(before - 61_000);

    const [row] = await api.rows(sql`SELECT xmin::text FROM api_key_uses WHERE id = ${made.id}`);
    const another = await make();
    for (const one of [made, another]) for (const instance of instances) await me(one, instance);
    await until(async () => (await lastUsed(another)) !== null);
    expect(await api.rows(sql`SELECT xmin::text FROM api_key_uses WHERE id = ${made.id}`)).toEqual([row]);
    await api.request('DELETE', `/v1/api-keys/${another.id}`, { as: ada });
  });

  it('is not worth a failure: what cannot be written is tried at the next use', async () => {
    const made = await make();
    await api.rows(sql`ALTER TABLE api_key_uses RENAME TO elsewhere`);
    const failed = new Promise<void>((resolve) => {
      const stop = api.app.get(Telemetry).on('database.statement', ({ sql: text, failed }) => {
        if (!failed || !text.includes('api_key_uses')) return;
        stop();
        resolve();
      });
    });
    expect((await me(made)).status).toBe(200);
    await failed;
    await api.rows(sql`ALTER TABLE elsewhere RENAME TO api_key_uses`);
    await until(async () => (await me(made)).status === 200 && (await lastUsed(made)) !== null);
  });

  it('is written down before the service goes', async () => {
    const made = await make();
    const leaving = await api.join();
    expect((await me(made, leaving)).status).toBe(200);
    await leaving.close();
    expect(await lastUsed(made)).not.toBeNull();
  });
});
