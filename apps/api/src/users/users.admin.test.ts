import { sql } from '@app/database';
import { v7 as uuidv7 } from 'uuid';
import { type Account, type Ask, PASSWORD, type Reply, TestApi } from '../../../../test/support/api';

let api: TestApi;
let admin: Account;

beforeAll(async () => {
  api = await TestApi.start();
  admin = await api.createAccount({ role: 'admin' });
});
afterAll(() => api.close());

const list = (query: Ask['query'], as = admin): Promise<Reply> => api.get('/v1/users', { as, query });
const patch = (id: string, body: object, ask: Ask = {}): Promise<Reply> =>
  api.request('PATCH', `/v1/users/${id}`, { as: admin, body, ...ask });
const remove = (id: string, ask: Ask = {}): Promise<Reply> =>
  api.request('DELETE', `/v1/users/${id}`, { as: admin, ...ask });
const me = (as: Account): Promise<Reply> => api.get('/v1/users/me', { as });

/** Accounts that nobody logs in to. */
async function insert(accounts: readonly { email?: string; name?: string; role?: string; status?: string }[]) {
  const ids = accounts.map(() => uuidv7());
  for (const [n, { email = `${ids[n]}@listed.example`, name = 'Nobody', role, status }] of accounts.entries())
    await api.rows(sql`
      INSERT INTO users (id, email, display_name, role, status)
      VALUES (${ids[n]}, ${email}, ${name}, ${role ?? 'user'}, ${status ?? 'active'})`);
  return ids;
}

describe('administration', () => {
  it.each([
    ['GET', '/v1/users'],
    ['PATCH', `/v1/users/${uuidv7()}`],
    ['DELETE', `/v1/users/${uuidv7()}`],
  ])('%s %s is for administrators', async (method, url) => {
    const user = await api.createAccount();
    const body = method === 'PATCH' ? { role: 'admin' } : undefined;
    expect(await api.request(method, url, { body })).toMatchObject({ status: 401, sql: 0 });
    for (const cost of [2, 0]) {
      const refusal = await api.request(method, url, { body, as: user });
      expect(refusal).toMatchObject({ status: 403, sql: cost, body: { code: 'not_allowed' } });
    }
  });

  it('says that there is no such user', async () => {
    expect(await patch(uuidv7(), { role: 'user' })).toMatchObject({ status: 404, body: { code: 'user_not_found' } });
    expect(await remove(uuidv7())).toMatchObject({ status: 404, body: { code: 'user_not_found' } });
  });
});

describe('the list', () => {
  beforeAll(() =>
    insert([
      { email: 'jean-luc.picard@fleet.example', name: 'Captain of the Ship', role: 'admin' },
      { email: 'bev@fleet.example', name: 'Beverly O’Crusher', status: 'disabled' },
      { email: 'data@fleet.example', name: 'Soong_Type AB/90210' },
      { email: 'yrsa@iceland.example', name: 'Þórunn Ýrsa' },
    ]),
  );

  it('shows accounts whole, newest first, at one statement and two for a caller who is not known yet', async () => {
    await api.forget();
    expect(await list({ q: 'fleet' })).toMatchObject({ status: 200, sql: 3 });
    const reply = await list({ q: 'fleet' });
    expect(reply).toMatchObject({ status: 200, sql: 1 });
    expect(reply.headers['cache-control']).toBe('no-store');
    const [first, ...others] = reply.body.data;
    expect(first).toEqual({
      id: expect.any(String),
      email: 'data@fleet.example',
      emailVerified: false,
      pendingEmail: null,
      displayName: 'Soong_Type AB/90210',
      role: 'user',
      status: 'active',
      version: 1,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect(others.map(({ email }: Account) => email)).toEqual(['bev@fleet.example', 'jean-luc.picard@fleet.example']);
  });

  it.each<[q: string, emails: string[]]>([
    ['PIC', ['jean-luc.picard@fleet.example']],
    ['jean-luc.pic', ['jean-luc.picard@fleet.example']],
    ['jean-luc.picard@fleet.ex', ['jean-luc.picard@fleet.example']],
    ['ship cap', ['jean-luc.picard@fleet.example']],
    ['ship bev', []],
    ['hip', []],
    ['O’Cru', ['bev@fleet.example']],
    ['type ab', ['data@fleet.example']],
    ['90210', ['data@fleet.example']],
    ['þóR', ['yrsa@iceland.example']],
    ['---', []],
    [`fleet' | 'x`, []],
    [`soong' <-> !type:*A & (`, ['data@fleet.example']],
    [`'; DROP TABLE users; --`, []],
    [`\\' fleet \\`, ['data@fleet.example', 'bev@fleet.example', 'jean-luc.picard@fleet.example']],
    ['☃ 🖖', []],
    ['%', []],
  ])('searches the beginnings of words: %s', async (q, emails) => {
    const reply = await list({ q });
    expect(reply.status).toBe(200);
    expect(reply.body.data.map(({ email }: Account) => email)).toEqual(emails);
  });

  it('filters by role and status', async () => {
    expect((await list({ q: 'fleet', role: 'admin' })).body.data).toMatchObject([
      { displayName: 'Captain of the Ship' },
    ]);
    expect((await list({ status: 'disabled' })).body.data).toMatchObject([{ email: 'bev@fleet.example' }]);
    expect((await list({ q: 'fleet', role: 'admin', status: 'disabled' })).body.data).toEqual([]);
  });

  it.each<[query: Record<string, string>, parameter: string]>([
    [{ role: 'root' }, 'role'],
    [{ status: 'deleted' }, 'status'],
    [{ sort: 'email' }, 'sort'],
    [{ limit: '101' }, 'limit'],
    [{ q: '' }, 'q'],
    [{ cursor: 'AAAA' }, 'cursor'],
  ])('refuses %j by name', async (query, parameter) => {
    const reply = await list(query);
    expect(reply).toMatchObject({ status: 400, body: { code: 'invalid_parameter', errors: [{ parameter }] } });
  });

  it('is walked by cursors, each account once, there and back', async () => {
    await insert(Array.from({ length: 7 }, () => ({ name: 'Walker' })));
    const all = (await list({ q: 'walker', limit: '100' })).body.data;
    const first = await list({ q: 'walker', limit: '3' });
    const second = await list({ q: 'walker', limit: '3', cursor: first.body.page.next });
    const third = await list({ q: 'walker', limit: '3', cursor: second.body.page.next });
    expect([first, second, third].flatMap(({ body }) => body.data)).toEqual(all);
    expect([first.body.page.previous, third.body.page.next]).toEqual([null, null]);
    expect((await list({ q: 'walker', limit: '3', cursor: second.body.page.previous })).body.data).toEqual(
      first.body.data,
    );
    const elsewhere = await list({ q: 'walk', limit: '3', cursor: first.body.page.next });
    expect(elsewhere).toMatchObject({ status: 400, body: { errors: [{ code: 'invalid_cursor' }] } });
  });

  it('never shows a deleted account', async () => {
    const [id = ''] = await insert([{ name: 'Leaver' }]);
    expect(await remove(id)).toMatchObject({ status: 204, sql: 4 });
    expect((await list({ q: 'leaver' })).body.data).toEqual([]);
    const shown = (await list({ limit: '100' })).body.data.map((account: Account) => account.id);
    expect(shown).toContain(admin.id);
    expect(shown).not.toContain(id);
    expect(await remove(id)).toMatchObject({ status: 404 });
    expect(await patch(id, { status: 'active' })).toMatchObject({ status: 404 });
  });
});

describe('a change by an administrator', () => {
  it('of the role takes effect on the next request', async () => {
    const user = await api.createAccount();
    expect((await list({}, user)).status).toBe(403);
    const promoted = await patch(user.id, { role: 'admin' });
    expect(promoted).toMatchObject({ status: 200, sql: 3, body: { role: 'admin', status: 'active', version: 2 } });
    expect(promoted.headers.etag).toBe(`"${user.id}.2"`);
    for (const cost of [2, 1]) expect(await list({}, user)).toMatchObject({ status: 200, sql: cost });
    expect((await patch(user.id, { role: 'admin' })).body).toMatchObject({ role: 'admin', version: 2 });
    expect((await patch(user.id, { role: 'user' })).body).toMatchObject({ role: 'user', version: 3 });
    for (const cost of [1, 0]) expect(await list({}, user)).toMatchObject({ status: 403, sql: cost });
  });

  it('of the status takes effect on the next request', async () => {
    const user = await api.createAccount();
    for (const cost of [3, 1]) expect(await me(user)).toMatchObject({ status: 200, sql: cost });
    expect((await patch(user.id, { status: 'disabled' })).body.status).toBe('disabled');
    for (const cost of [2, 0])
      expect(await me(user)).toMatchObject({ status: 401, sql: cost, body: { code: 'invalid_token' } });
    expect((await api.get(`/v1/users/${user.id}`)).status).toBe(200);
    await patch(user.id, { status: 'active' });
    expect((await me(user)).status).toBe(401);
    const { body } = await api.request('POST', '/v1/auth/login', {
      body: { email: user.email, password: user.password },
    });
    expect((await me({ ...user, token: body.accessToken })).status).toBe(200);
  });

  it('does not undo what the owner changes at the same moment', async () => {
    for (let round = 0; round < 5; round++) {
      const user = await api.createAccount();
      const rename = api.request('PATCH', '/v1/users/me', { as: user, body: { displayName: 'Renamed' } });
      await Promise.all([rename, patch(user.id, { role: 'admin' })]);
      expect((await me(user)).body).toMatchObject({ displayName: 'Renamed', role: 'admin', version: 3 });
    }
  });

  it('is refused when it is not of the version that If-Match says', async () => {
    const user = await api.createAccount();
    const headers = { 'if-match': `"${user.id}.1"` };
    expect((await patch(user.id, { role: 'admin' }, { headers })).status).toBe(200);
    expect((await patch(user.id, { role: 'user' })).status).toBe(200);
    expect((await patch(user.id, { role: 'admin' }, { headers })).status).toBe(412);
    expect((await remove(user.id, { headers })).status).toBe(412);
    expect((await me(user)).body).toMatchObject({ role: 'user', version: 3 });
  });

  it.each([
    ['status', 'deleted', 'not_in_list'],
    ['role', null, 'not_in_list'],
    ['email', 'eve@users.example', 'unknown'],
    ['displayName', 'Eve', 'unknown'],
    ['version', 7, 'unknown'],
    ['id', uuidv7(), 'unknown'],
  ])('of %s to %j is refused', async (field, value, code) => {
    const reply = await patch(admin.id, { [field]: value });
    expect(reply).toMatchObject({ status: 422, body: { errors: [{ code, pointer: `/${field}` }] } });
  });
});

describe('the last active administrator', () => {
  const others = () =>
    api.rows(sql`UPDATE users SET role = 'user' WHERE role = 'admin' AND status = 'active' AND id <> ${admin.id}`);

  it('can be neither demoted, nor disabled, nor deleted', async () => {
    await others();
    for (const reply of [
      await patch(admin.id, { role: 'user' }),
      await patch(admin.id, { status: 'disabled' }),
      await remove(admin.id),
      await api.request('DELETE', '/v1/users/me', { as: admin, body: { currentPassword: PASSWORD } }),
    ])
      expect(reply).toMatchObject({ status: 409, body: { code: 'last_admin' } });
    expect((await patch(admin.id, { role: 'admin', status: 'active' })).status).toBe(200);
    expect((await me(admin)).body).toMatchObject({ role: 'admin', status: 'active' });
  });

  it('is left when all resign at the same moment, in every way there is', async () => {
    await others();
    const rivals = [
      admin,
      ...(await Promise.all(Array.from({ length: 7 }, () => api.createAccount({ role: 'admin' })))),
    ];
    const resign = (as: Account, n: number): Promise<Reply> =>
      [
        () => patch(as.id, { role: 'user' }, { as }),
        () => patch(as.id, { status: 'disabled' }, { as }),
        () => remove(as.id, { as }),
        () => api.request('DELETE', '/v1/users/me', { as, body: { currentPassword: PASSWORD } }),
      ][n % 4]!();
    const statuses = (await Promise.all(rivals.map(resign))).map(({ status }) => status);
    expect(statuses.filter((status) => status >= 300)).toEqual([409]);
    const left = await api.rows(sql`SELECT id FROM users WHERE role = 'admin' AND status = 'active'`);
    expect(left).toHaveLength(1);
  });
});
