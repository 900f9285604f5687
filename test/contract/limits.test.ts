import type { OpenApiDocument } from '@app/http';
import { Metrics } from '@app/telemetry';
import { type Account, PASSWORD, type Reply, TestApi } from '../support/api';
import { Wire } from '../support/wire';

let api: TestApi;
let ada: Account;

beforeAll(async () => {
  api = await TestApi.start({ rateLimitWrites: 3, rateLimitBulk: 2, rateLimitSignUps: 2, trustProxy: ['10.0.0.0/8'] });
  ada = await api.createAccount();
});
afterAll(() => api.close());

const logIn = (email: string, password = 'a wrong one'): Promise<Reply> =>
  api.request('POST', '/v1/auth/login', { body: { email, password } });

it('lists the refusal of each operation that is limited, and of no other', async () => {
  const document = (await api.get('/openapi.json')).body as OpenApiDocument;
  const limited = Object.values(document.paths).flatMap((methods) =>
    Object.entries(methods).map(([method, { responses, operationId }]) => ({
      method,
      operationId,
      is: '429' in responses,
    })),
  );
  for (const { method, operationId, is } of limited)
    expect({ operationId, is }).toEqual({ operationId, is: method !== 'get' || operationId === 'exportItems' });
});

describe('writes', () => {
  it('count for the principal, and the answer says how many are left', async () => {
    const bob = await api.createAccount();
    const write = (n: number, as = bob) => api.request('POST', '/v1/items', { as, body: { sku: `L-${n}`, name: 'L' } });
    const answers = [await write(1), await write(2), await write(3), await write(4)];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 429]);
    expect(answers.map(({ headers }) => headers['ratelimit']?.slice(0, 12))).toEqual(
      [2, 1, 0, 0].map((left) => `"write";r=${left};`.slice(0, 12)),
    );
    const [, , , refused] = answers as [Reply, Reply, Reply, Reply];
    expect(refused.headers['ratelimit-policy']).toBe('"write";q=3;w=60');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50);
    expect(refused.body.code).toBe('too_many_requests');
    expect((await write(5, ada)).status).toBe(201);
    expect(await api.app.get(Metrics).text()).toContain('rate_limit_refusals_total{limit="write"} 1');
  });

  it('of nobody count for the address', async () => {
    const stranger = { ...ada, token: 'nonsense' };
    const write = () => api.request('POST', '/v1/items', { as: stranger, body: { sku: 'L-0', name: 'L' } });
    const answers = [await write(), await write(), await write(), await write()];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 429]);
    expect(answers.map(({ headers }) => headers['ratelimit']?.slice(0, 12))).toEqual(
      [2, 1, 0, 0].map((left) => `"write";r=${left};`.slice(0, 12)),
    );
  });

  it('reads are free', async () => {
    const { status, headers } = await api.get('/v1/users/me', { as: ada });
    expect([status, headers['ratelimit']]).toEqual([200, undefined]);
  });
});

describe('addresses', () => {
  it.each(['203.0.113.7', '::ffff:203.0.113.7', '10.1.1.1, 8.8.8.8'])('a forged %s is not believed', async (forged) => {
    const wire = await Wire.open(api);
    const { headers } = await wire.get('/v1/items/export', { 'x-forwarded-for': forged, accept: 'text/csv' });
    wire.close();
    expect(headers['ratelimit']).toMatch(/^"bulk";r=/);
  });

  it('all of them together had two exports', async () => {
    const wire = await Wire.open(api);
    const { status, sql } = await wire.get('/v1/items/export', { 'x-forwarded-for': '198.51.100.1' });
    wire.close();
    expect({ status, sql }).toEqual({ status: 429, sql: 0 });
  });

  it('are counted before the body is looked at', async () => {
    const body = '{"email":';
    const headers = { 'content-type': 'application/json' };
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push((await api.request('POST', '/v1/users', { body, headers })).status);
    expect(statuses).toEqual([400, 400, 429]);
  });
});

describe('guesses', () => {
  it('are bounded for each account in whatever spelling, and cost nothing from then on', async () => {
    const eve = await api.createAccount();
    const spellings = [eve.email, eve.email.toUpperCase(), ` ${eve.email} `];
    const answers = [];
    for (let n = 0; n < 12; n++) answers.push(await logIn(spellings[n % 3] as string));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    expect(answers.slice(10).map(({ status, sql }) => [status, sql])).toEqual([
      [429, 0],
      [429, 0],
    ]);
    expect(answers[11]?.headers).toMatchObject({
      'ratelimit-policy': '"guess";q=10;w=900',
      ratelimit: expect.stringMatching(/^"guess";r=0;t=\d+$/),
    });
  });

  it('that come at once have no more than those that queue, and an unknown account is answered the same', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => logIn('nobody@limits.example')));
    expect(answers.filter(({ status }) => status !== 429)).toHaveLength(7);
  });

  it('of strangers do not lock the owner out where the right password was given before', async () => {
    const owner = await api.createAccount();
    const guess = () => logIn(owner.email);
    for (let n = 0; n < 7; n++) expect((await guess()).status).toBe(401);
    expect((await logIn(owner.email, PASSWORD)).status).toBe(200);
  });

  it('with a stolen token use up those of its session only', async () => {
    const owner = await api.createAccount();
    const stolen = { ...owner, token: (await logIn(owner.email, PASSWORD)).body.accessToken as string };
    const deletion = (as: Account, currentPassword: string) =>
      api.request('DELETE', '/v1/users/me', { as, body: { currentPassword } });
    const statuses = [];
    for (let n = 0; n < 8; n++) statuses.push((await deletion(stolen, `guess ${n}`)).status);
    expect(statuses).toEqual([...Array<number>(7).fill(422), 429]);
    expect((await logIn(owner.email, PASSWORD)).status).toBe(200);
    expect((await deletion(owner, PASSWORD)).status).toBe(204);
  });

  it('right ones are not counted', async () => {
    const owner = await api.createAccount();
    for (let n = 0; n < 12; n++) expect((await logIn(owner.email, PASSWORD)).status).toBe(200);
  });
});
