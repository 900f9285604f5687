import { sql } from '@app/database';
import { decodeJwt } from 'jose';
import { Telemetry } from '@app/telemetry';
import { type Account, type Reply, TestApi } from '../../../../test/support/api';

let api: TestApi;
let other: TestApi;
let ada: Account;

beforeAll(async () => {
  api = await TestApi.start();
  other = await api.join();
  ada = await api.createAccount();
});
afterAll(async () => {
  await other.close();
  await api.close();
});

interface Login {
  readonly id: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

async function logIn({ email, password } = ada): Promise<Login> {
  const { body } = await api.request('POST', '/v1/auth/login', { body: { email, password } });
  return { ...body, id: decodeJwt(body.accessToken)['sid'] };
}

const refresh = (refreshToken: unknown, target = api): Promise<Reply> =>
  target.request('POST', '/v1/auth/refresh', { body: { refreshToken } });
const childOf = async (refreshToken: string): Promise<string> => (await refresh(refreshToken)).body.refreshToken;
const isIn = async (token: string, target = api): Promise<boolean> =>
  (await target.get('/v1/users/me', { as: { ...ada, token } })).status === 200;
const isThere = async ({ id }: Login): Promise<boolean> =>
  (await api.rows(sql`SELECT FROM sessions WHERE id = ${id}`)).length > 0;

/** Moves all that has happened to a session into the past. */
const wait = ({ id }: Login, interval: string): Promise<unknown> =>
  api.rows(sql`UPDATE sessions SET created_at = created_at - ${interval}::interval,
    last_used_at = last_used_at - ${interval}::interval, expires_at = expires_at - ${interval}::interval WHERE id = ${id}`);

const refused = { status: 401, body: { code: 'invalid_refresh_token' }, headers: { 'www-authenticate': 'Bearer' } };

describe('a refresh token', () => {
  it('is exchanged for the next one and an access token of the same session', async () => {
    const login = await logIn();
    const reply = await refresh(login.refreshToken);
    expect(reply).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    const { accessToken, refreshToken, ...rest } = reply.body;
    expect(rest).toEqual({ tokenType: 'Bearer', expiresIn: 600 });
    expect(refreshToken).toMatch(/^[\w-]{64}$/);
    expect(refreshToken).not.toBe(login.refreshToken);
    expect(decodeJwt(accessToken)).toMatchObject({ sub: ada.id, sid: login.id, gen: 1 });
    expect([await isIn(accessToken), await isIn(login.accessToken)]).toEqual([true, true]);
    expect((await refresh(refreshToken)).status).toBe(200);
  });

  it('is not stored, nor is anything that could be used instead', async () => {
    const login = await logIn();
    const child = await childOf(login.refreshToken);
    const [row] = await api.rows<Record<string, unknown>>(sql`SELECT * FROM sessions WHERE id = ${login.id}`);
    const stored = JSON.stringify(row);
    for (const token of [login.refreshToken, child]) {
      const bytes = Buffer.from(token, 'base64url');
      for (const part of [bytes, bytes.subarray(0, 16), bytes.subarray(16)])
        for (const encoding of ['base64url', 'base64', 'hex'] as const)
          expect(stored).not.toContain(part.toString(encoding).replace(/=+$/, ''));
    }
    for (const value of Object.values(row ?? {})) expect(await refresh(String(value))).toMatchObject(refused);
  });

  it('gives the same next one again within ten seconds, on every instance', async () => {
    const { refreshToken, ...login } = await logIn();
    const child = await childOf(refreshToken);
    await wait({ ...login, refreshToken }, '9 seconds');
    const again = await refresh(refreshToken, other);
    expect(again).toMatchObject({ status: 200, body: { refreshToken: child } });
    expect(await isIn(again.body.accessToken)).toBe(true);
    expect((await refresh(child)).status).toBe(200);
  });

  it.each<[name: string, makeOld: (login: Login, child: string) => Promise<unknown>]>([
    ['after ten seconds', (login) => wait(login, '10 seconds')],
    ['once its child was used', (_, child) => refresh(child)],
    ['when it is the first of many', async (_, child) => childOf(await childOf(await childOf(child)))],
  ])('that was used before ends the session %s, for everyone and everywhere', async (_, makeOld) => {
    const login = await logIn();
    const next = await refresh(login.refreshToken);
    const { accessToken, refreshToken } = next.body;
    expect(await isIn(accessToken, other)).toBe(true);
    await makeOld(login, refreshToken);
    const revoked: unknown[] = [];
    const stop = api.app.get(Telemetry).on('session.revoked', (event) => revoked.push(event));
    expect(await refresh(login.refreshToken)).toMatchObject(refused);
    stop();
    expect(revoked).toEqual([{ accountId: ada.id, sessionId: login.id }]);
    expect(await isThere(login)).toBe(false);
    await other.look();
    expect([await isIn(accessToken), await isIn(accessToken, other)]).toEqual([false, false]);
    expect(await refresh(refreshToken)).toMatchObject(refused);
  });

  it('of another session is of no account to this one', async () => {
    const [one, two] = [await logIn(), await logIn()];
    await childOf(one.refreshToken);
    await wait(one, '1 minute');
    await refresh(one.refreshToken);
    expect([await isThere(one), await isThere(two)]).toEqual([false, true]);
  });

  it('is refused after seven days without use', async () => {
    const login = await logIn();
    await wait(login, '6 days 23:59');
    const { refreshToken } = (await refresh(login.refreshToken)).body;
    await wait(login, '7 days');
    expect(await refresh(refreshToken)).toMatchObject(refused);
  });

  it('is refused thirty days after the login, however much it was used', async () => {
    const login = await logIn();
    let { refreshToken } = login;
    for (let week = 0; week < 5; week++) {
      await wait(login, '6 days');
      const reply = await refresh(refreshToken);
      expect(reply.status).toBe(week < 4 ? 200 : 401);
      refreshToken = reply.body.refreshToken;
    }
  });

  it('does not outlive its account’s standing', async () => {
    const eve = await api.createAccount();
    const login = await logIn(eve);
    await api.rows(sql`UPDATE users SET status = 'disabled' WHERE id = ${eve.id}`);
    expect(await refresh(login.refreshToken)).toMatchObject(refused);
    await api.rows(sql`UPDATE users SET status = 'active' WHERE id = ${eve.id}`);
    expect(await refresh(login.refreshToken)).toMatchObject(refused);
  });

  it.each<[name: string, token: (login: Login) => unknown, status: number]>([
    ['an access token', ({ accessToken }) => accessToken, 401],
    ['the id of the session', ({ id }) => id, 401],
    ['a token of nobody', () => 'A'.repeat(64), 401],
    ['a character less', ({ refreshToken }) => refreshToken.slice(0, -1), 401],
    ['a character more', ({ refreshToken }) => `${refreshToken}A`, 401],
    ['nothing', () => undefined, 401],
    ['empty text', () => '', 422],
    ['a number', () => 5, 422],
    ['an object', () => ({ $ne: null }), 422],
    ['a megabyte', () => 'A'.repeat(200_000), 422],
  ])('is not %s: refused without effect', async (_, token, status) => {
    const login = await logIn();
    const reply = await refresh(token(login));
    expect([reply.status, reply.body.code]).toEqual([
      status,
      status === 401 ? 'invalid_refresh_token' : 'invalid_body',
    ]);
    expect((await refresh(login.refreshToken)).status).toBe(200);
  });

  it('of the wrong form is refused before any database is asked', async () => {
    for (const token of [ada.token, 'words', 'A'.repeat(63)]) expect(await refresh(token)).toMatchObject({ sql: 0 });
  });

  it('sent as an access token is refused, and no database asked', async () => {
    const { refreshToken } = await logIn();
    const reply = await api.get('/v1/users/me', { as: { ...ada, token: refreshToken } });
    expect(reply).toMatchObject({ status: 401, sql: 0, body: { code: 'invalid_token' } });
  });
});

describe('one token sent twenty times at once to two instances', () => {
  const crowd = (token: string): Promise<Reply[]> =>
    Promise.all(Array.from({ length: 20 }, (_, n) => refresh(token, n % 2 ? other : api)));

  it.each([1, 2, 3])('gives each the same next one (%d)', async () => {
    const login = await logIn();
    const replies = await crowd(login.refreshToken);
    expect(replies.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const children = new Set(replies.map(({ body }) => body.refreshToken));
    expect(children.size).toBe(1);
    for (const { body } of replies) expect(await isIn(body.accessToken)).toBe(true);
    const [child = ''] = children;
    expect((await refresh(child)).status).toBe(200);
  });

  it('gives nobody anything when it is an old one', async () => {
    const login = await logIn();
    await childOf(await childOf(login.refreshToken));
    const replies = await crowd(login.refreshToken);
    expect(replies.map(({ status }) => status)).toEqual(Array(20).fill(401));
    expect(await isThere(login)).toBe(false);
  });
});
