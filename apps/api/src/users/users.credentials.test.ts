import { sql } from '@app/database';
import { v7 as uuidv7 } from 'uuid';
import { type Account, PASSWORD, type Reply, TestApi } from '../../../../test/support/api';
import { Passwords } from './users.passwords';
import { UsersService } from './users.service';

const NEW = 'another horse, another battery';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.close());

const logIn = (email: string, password: string): Promise<Reply> =>
  api.request('POST', '/v1/auth/login', { body: { email, password } });
const change = (as: Account, body: object): Promise<Reply> => api.request('PUT', '/v1/users/me/password', { as, body });
const me = (as: Account): Promise<Reply> => api.get('/v1/users/me', { as });

describe('changing the password', () => {
  it('ends every access token, and the old password', async () => {
    const ada = await api.createAccount();
    const elsewhere = { ...ada, token: (await logIn(ada.email, PASSWORD)).body.accessToken };
    const reply = await change(ada, { currentPassword: PASSWORD, newPassword: NEW });
    expect(reply).toMatchObject({ status: 204, text: '', sql: 7 });
    expect((await me(ada)).body.code).toBe('invalid_token');
    expect((await me(elsewhere)).body.code).toBe('invalid_token');
    expect((await logIn(ada.email, PASSWORD)).status).toBe(401);
    const { accessToken } = (await logIn(ada.email, NEW)).body;
    expect(await me({ ...ada, token: accessToken })).toMatchObject({ status: 200, body: { version: 2 } });
  });

  it.each<[name: string, body: object, fault: string]>([
    ['one that is guessed first', { currentPassword: PASSWORD, newPassword: 'floodgate1' }, '/newPassword too_common'],
    ['the own address', { currentPassword: PASSWORD, newPassword: 'OWN ADDRESS' }, '/newPassword too_common'],
    ['the wrong current one', { currentPassword: 'wrong', newPassword: NEW }, '/currentPassword wrong_password'],
    ['none', { newPassword: NEW }, '/currentPassword required'],
    ['a short new one', { currentPassword: PASSWORD, newPassword: 'seven 7' }, '/newPassword too_short'],
    ['a long new one', { currentPassword: PASSWORD, newPassword: 'x'.repeat(129) }, '/newPassword too_long'],
    ['more', { currentPassword: PASSWORD, newPassword: NEW, email: 'eve@users.example' }, '/email unknown'],
  ])('refuses %s', async (_, body, fault) => {
    const ada = await api.createAccount();
    const own = JSON.parse(JSON.stringify(body).replace('OWN ADDRESS', ada.email.toUpperCase())) as object;
    const reply = await change(ada, own);
    const faults = reply.body.errors.map(({ code, pointer }: Record<string, string>) => `${pointer} ${code}`);
    expect([reply.status, faults]).toEqual([422, [fault]]);
    expect((await me(ada)).body.version).toBe(1);
    expect((await logIn(ada.email, PASSWORD)).status).toBe(200);
  });

  it('succeeds for one of two who know the old one and change it at once', async () => {
    const ada = await api.createAccount();
    const news = ['first of two words', 'second of two words'];
    const replies = await Promise.all(
      news.map((newPassword) => change(ada, { currentPassword: PASSWORD, newPassword })),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([204, expect.any(Number)]);
    const winner = replies.findIndex(({ status }) => status === 204);
    expect(replies[1 - winner]?.status).toBeGreaterThan(400);
    expect((await logIn(ada.email, news[winner]!)).status).toBe(200);
    expect((await logIn(ada.email, news[1 - winner]!)).status).toBe(401);
  });
});

describe('a stored password', () => {
  it('is argon2id with the agreed parameters, and salted', async () => {
    const passwords = api.app.get(Passwords, { strict: false });
    const hashes = await Promise.all([passwords.hash(NEW), passwords.hash(NEW)]);
    for (const hash of hashes) expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(hashes[0]).not.toBe(hashes[1]);
  });

  it('is the same however a keyboard composes it', async () => {
    const email = `${uuidv7()}@users.example`;
    const body = { email, password: 'cre\u0300me bru\u0302le\u0301e', displayName: 'Ada' };
    await api.request('POST', '/v1/users', { body });
    expect((await logIn(email, 'cr\u00e8me br\u00fbl\u00e9e')).status).toBe(200);
    expect((await logIn(email, 'creme brulee')).status).toBe(401);
  });
});

describe('the first accounts', () => {
  const root = { email: ' Root@Users.Example', password: PASSWORD, displayName: 'Root', role: 'admin' } as const;
  const ensure = (account: Parameters<UsersService['ensureAccount']>[0]): Promise<boolean> =>
    api.app.get(UsersService, { strict: false }).ensureAccount(account);

  it('are made once, however many instances start', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => ensure(root)));
    expect(made.sort()).toEqual([...Array<boolean>(7).fill(false), true]);
    const { accessToken: token } = (await logIn('root@users.example', PASSWORD)).body;
    expect((await api.get('/v1/users', { as: { ...root, id: '', token } })).status).toBe(200);
  });

  it('stay as they have become', async () => {
    expect(await ensure({ ...root, password: NEW, displayName: 'Somebody else' })).toBe(false);
    expect((await logIn('root@users.example', PASSWORD)).status).toBe(200);
    expect((await logIn('root@users.example', NEW)).status).toBe(401);
  });

  it('are not made again under their id once they are deleted', async () => {
    const id = uuidv7();
    const account = { ...root, id, email: 'demo@users.example', role: 'user' } as const;
    expect(await ensure(account)).toBe(true);
    const { accessToken: token } = (await logIn(account.email, PASSWORD)).body;
    await api.request('DELETE', '/v1/users/me', { as: { ...account, token }, body: { currentPassword: PASSWORD } });
    expect(await ensure(account)).toBe(false);
  });

  it('name the oldest active administrator, or say how to make one', async () => {
    const users = api.app.get(UsersService, { strict: false });
    const [{ id } = { id: '' }] = await api.rows<{ id: string }>(sql`SELECT id FROM users WHERE email LIKE 'root@%'`);
    await api.createAccount({ role: 'admin' });
    expect(await users.firstAdmin()).toMatchObject({ id });
    await api.rows(sql`UPDATE users SET status = 'disabled' WHERE role = 'admin'`);
    await expect(users.firstAdmin()).rejects.toThrow('set ADMIN_EMAIL and ADMIN_PASSWORD');
  });
});
