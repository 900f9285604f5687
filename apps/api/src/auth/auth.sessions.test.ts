import { sql } from '@app/database';
import { decodeJwt } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { type Account, PASSWORD, type Reply, TestApi } from '../../../../test/support/api';
import { SessionsRepository } from '../sessions/sessions.repository';
import { Sessions } from '../sessions/sessions.service';

let api: TestApi;
let other: TestApi;
let ada: Account;
let admin: Account;

beforeAll(async () => {
  api = await TestApi.start();
  other = await api.join();
  admin = await api.createAccount({ role: 'admin' });
});
beforeEach(async () => {
  ada = await api.createAccount();
});
afterAll(async () => {
  await other.close();
  await api.close();
});

interface Login extends Account {
  readonly sessionId: string;
  readonly refreshToken: string;
}

async function logIn(account = ada, headers: Record<string, string> = {}): Promise<Login> {
  const { email, password } = account;
  const { body } = await api.request('POST', '/v1/auth/login', { body: { email, password }, headers });
  const { accessToken: token, refreshToken } = body;
  return { ...account, token, refreshToken, sessionId: String(decodeJwt(token)['sid']) };
}

const sessionsOf = (as: Account): Promise<Reply> => api.get('/v1/auth/sessions', { as });
const refresh = (refreshToken: string): Promise<Reply> =>
  api.request('POST', '/v1/auth/refresh', { body: { refreshToken } });
const statusOf = async (as: Account, target = api): Promise<number> =>
  (await target.get('/v1/users/me', { as })).status;
const countOf = async ({ id }: Account): Promise<number> =>
  (await api.rows(sql`SELECT FROM sessions WHERE user_id = ${id}`)).length;

/** The access token on both instances, and the refresh token. */
async function lives({ refreshToken, ...as }: Login): Promise<number[]> {
  await other.look();
  return [await statusOf(as), await statusOf(as, other), (await refresh(refreshToken)).status];
}
const ALIVE = [200, 200, 200];
const DEAD = [401, 401, 401];

describe('the own sessions', () => {
  it('are listed, the last used first, with the one that asks marked', async () => {
    const phone = await logIn(ada, { 'user-agent': 'Phone/1.0' });
    const desk = await logIn(ada, { 'user-agent': 'Desk/2.0' });
    await api.rows(sql`UPDATE sessions SET last_used_at = now() - interval '1 hour' WHERE id = ${phone.sessionId}`);
    const { status, body } = await sessionsOf(phone);
    expect(status).toBe(200);
    expect(body.data).toHaveLength(3);
    expect(body.data.map(({ id }: { id: string }) => id).indexOf(desk.sessionId)).toBe(0);
    expect(body.data.at(-1)).toEqual({
      id: phone.sessionId,
      createdAt: expect.any(String),
      lastUsedAt: expect.any(String),
      expiresAt: expect.any(String),
      userAgent: 'Phone/1.0',
      current: true,
    });
    expect(body.data.filter(({ current }: { current: boolean }) => current)).toHaveLength(1);
    const { createdAt, lastUsedAt, expiresAt } = body.data[0];
    const minute = Math.floor(Date.parse(createdAt) / 60_000) * 60_000;
    expect([Date.parse(lastUsedAt), Date.parse(expiresAt)]).toEqual([minute, minute + 7 * 24 * 3_600_000]);
  });

  it.each<[name: string, userAgent: string, shown: string | null]>([
    ['long', 'x'.repeat(5_000), 'x'.repeat(200)],
    ['full of other characters', ' A\u0080\u009f\u00e9B\tC ', 'A B C'],
    ['blank', '   ', null],
  ])('show a user agent that is %s in a bounded and clean form', async (_, userAgent, shown) => {
    const login = await logIn(ada, { 'user-agent': userAgent });
    const { body } = await sessionsOf(login);
    expect(body.data.find(({ current }: { current: boolean }) => current).userAgent).toBe(shown);
  });

  it('are a hundred at most: a login ends the one that was not used for longest', async () => {
    const ada = await logIn();
    await api.rows(sql`
      INSERT INTO sessions (id, user_id, token_generation, family, token, expires_at, last_used_at)
      SELECT gen_random_uuid(), user_id, 1, 'family ' || n || id, 'token', now() + interval '1 day', now() - make_interval(days => n)
      FROM sessions, generate_series(1, 150) AS n WHERE id = ${ada.sessionId}`);
    const { body } = await api.get('/v1/auth/sessions', { as: await logIn(ada) });
    expect(body.data).toHaveLength(100);
    expect(await countOf(ada)).toBe(100);
    expect((await api.get('/v1/users/me', { as: ada })).status).toBe(200);
  });

  it('are not those of others, nor those that have expired', async () => {
    const login = await logIn();
    await api.rows(sql`UPDATE sessions SET expires_at = now() WHERE user_id = ${ada.id} AND id <> ${login.sessionId}`);
    const { body } = await sessionsOf(login);
    expect(body.data.map(({ id }: { id: string }) => id)).toEqual([login.sessionId]);
  });

  it('end one by one, on every instance', async () => {
    const [lost, kept] = [await logIn(), await logIn()];
    const reply = await api.request('DELETE', `/v1/auth/sessions/${lost.sessionId}`, { as: kept });
    expect(reply).toMatchObject({ status: 204, text: '', headers: { 'consistency-token': expect.any(String) } });
    expect([await lives(lost), await lives(kept)]).toEqual([DEAD, ALIVE]);
  });

  it.each<[name: string, id: () => Promise<string>]>([
    ['another’s', async () => (await logIn(admin)).sessionId],
    ['nobody’s', async () => uuidv7()],
  ])('are not %s: 404, and nothing ends', async (_, idOf) => {
    const id = await idOf();
    const reply = await api.request('DELETE', `/v1/auth/sessions/${id}`, { as: ada });
    expect(reply).toMatchObject({ status: 404, body: { code: 'session_not_found' } });
    expect(await statusOf(admin)).toBe(200);
  });
});

describe('logging out', () => {
  const logOut = (ask: object): Promise<Reply> => api.request('POST', '/v1/auth/logout', ask);

  it.each<[name: string, ask: (login: Login) => object]>([
    ['with the access token alone', (as) => ({ as })],
    ['with the access token and an empty body', (as) => ({ as, body: {} })],
    [
      'with the access token and a type without a body',
      (as) => ({ as, headers: { 'content-type': 'application/json' } }),
    ],
    ['with the refresh token alone', ({ refreshToken }) => ({ body: { refreshToken } })],
    [
      'with the refresh token, and the access token of another session',
      ({ refreshToken }) => ({ as: ada, body: { refreshToken } }),
    ],
  ])('%s ends that session, on every instance, and no other', async (_, ask) => {
    const login = await logIn();
    expect(await statusOf(login, other)).toBe(200);
    expect(await logOut(ask(login))).toMatchObject({ status: 204, text: '' });
    expect(await lives(login)).toEqual(DEAD);
    expect(await statusOf(ada)).toBe(200);
  });

  it('with a refresh token that was used ends the session as well', async () => {
    const login = await logIn();
    await refresh(login.refreshToken);
    await logOut({ body: { refreshToken: login.refreshToken } });
    expect(await lives(login)).toEqual(DEAD);
  });

  it('twice is no error, nor is a refresh token of nobody', async () => {
    const { refreshToken } = await logIn();
    for (const token of [refreshToken, refreshToken, 'A'.repeat(64), 'words'])
      expect((await logOut({ body: { refreshToken: token } })).status).toBe(204);
  });

  it.each<[name: string, ask: object, status: number, code: string]>([
    ['nothing', {}, 401, 'login_required'],
    ['a wrong access token', { headers: { authorization: 'Bearer nonsense' } }, 401, 'invalid_token'],
    ['more', { body: { refreshToken: 'A'.repeat(64), all: true } }, 422, 'invalid_body'],
    [
      'a form',
      { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'unsupported_media_type',
    ],
  ])('with %s is refused', async (_, ask, status, code) => {
    expect(await logOut(ask)).toMatchObject({ status, body: { code } });
  });
});

describe('all sessions of an account end', () => {
  const patch = (body: object): Promise<Reply> => api.request('PATCH', `/v1/users/${ada.id}`, { as: admin, body });

  it.each<[name: string, act: (login: Login) => Promise<unknown>]>([
    [
      'with a new password',
      (as) =>
        api.request('PUT', '/v1/users/me/password', {
          as,
          body: { currentPassword: PASSWORD, newPassword: `new ${PASSWORD}` },
        }),
    ],
    ['when it is disabled', () => patch({ status: 'disabled' })],
    ['when it is deleted', () => api.request('DELETE', `/v1/users/${ada.id}`, { as: admin })],
    [
      'when it deletes itself',
      (as) => api.request('DELETE', '/v1/users/me', { as, body: { currentPassword: PASSWORD } }),
    ],
    ['when the service is told to', () => api.app.get(Sessions, { strict: false }).endAll(ada.id)],
  ])('%s', async (_, act) => {
    const logins = [await logIn(), await logIn()];
    await statusOf(logins[1]!, other);
    await act(logins[0]!);
    expect(await countOf(ada)).toBe(0);
    for (const login of logins) expect(await lives(login)).toEqual(DEAD);
  });

  it('and not with another role, which shows at once', async () => {
    const login = await logIn();
    expect((await api.get('/v1/users', { as: login })).status).toBe(403);
    await patch({ role: 'admin' });
    expect((await api.get('/v1/users', { as: login })).status).toBe(200);
    expect(await lives(login)).toEqual(ALIVE);
  });

  it('and none that began with the old password while it was being changed comes to life', async () => {
    const sessions = api.app.get(Sessions, { strict: false });
    await api.request('PUT', '/v1/users/me/password', {
      as: ada,
      body: { currentPassword: PASSWORD, newPassword: `new ${PASSWORD}` },
    });
    const { refreshToken } = await sessions.begin({ id: ada.id, tokenGeneration: 1 }, undefined);
    expect((await refresh(refreshToken)).status).toBe(401);
  });
});

it('a session that has ended in the database ends its access tokens', async () => {
  const login = await logIn();
  await api.rows(sql`UPDATE sessions SET expires_at = now() - interval '1 ms' WHERE id = ${login.sessionId}`);
  expect(await statusOf(login)).toBe(401);
});

it('sessions that have expired are swept away, however many there are', async () => {
  await api.rows(sql`
    INSERT INTO sessions (id, user_id, token_generation, family, token, expires_at)
    SELECT gen_random_uuid(), ${ada.id}, 1, 'family ' || n, 'token', now() - n * interval '1 second' FROM generate_series(0, 2500) AS n`);
  const login = await logIn();
  await api.app.get(SessionsRepository, { strict: false }).removeExpired();
  expect(await countOf(ada)).toBe(2);
  expect(await statusOf(login)).toBe(200);
});
