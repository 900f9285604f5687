import { sql } from '@app/database';
import { KeptMails } from '@app/mail';
import { type Account, PASSWORD, type Reply, TestApi } from '../../../../test/support/api';
import { Passwords } from '../users/users.passwords';

const NEW_PASSWORD = 'another horse, another staple';
const MOVED = 'thief@nowhere.example';

let api: TestApi;
let admin: Account;
beforeAll(async () => {
  api = await TestApi.start({ embedded: true });
  admin = await api.createAccount({ role: 'admin' });
});
afterAll(() => api.close());

const post = (path: string, body: object): Promise<Reply> => api.request('POST', `/v1/auth/${path}`, { body });

async function resetTokenOf({ email }: Account): Promise<string> {
  await post('password-reset', { email });
  await api.settle();
  const mail = (await api.app.get(KeptMails).list()).find(({ to }) => to === email);
  return /"token": "([\w-]{43})"/.exec(mail?.text ?? '')?.[1] ?? '';
}

/** Does something when the next password was found to be right, and before its caller hears of it. */
function afterTheCheck(happen: () => Promise<void>): jest.SpyInstance {
  const passwords = api.app.get(Passwords, { strict: false });
  const match = passwords.match.bind(passwords);
  return jest.spyOn(passwords, 'match').mockImplementationOnce(async (password, find) => {
    const owner = await match(password, find);
    expect(owner).toBeDefined();
    await happen();
    return owner;
  });
}

/** Everything that somebody could have done with the password. */
async function leftOf({ id }: Account): Promise<object | undefined> {
  await api.settle();
  const [left] = await api.rows(sql`
    SELECT status, email, pending_email AS moving, (SELECT count(*)::int FROM api_keys WHERE owner_id = users.id) AS keys
    FROM users WHERE id = ${id}`);
  const mails = (await api.app.get(KeptMails).list()).filter(({ to }) => to === MOVED);
  return { ...left, mails: mails.length };
}

const WAYS: [name: string, prepare: (ada: Account) => Promise<() => Promise<Reply>>][] = [
  [
    'a reset by mail',
    async (ada) => {
      const token = await resetTokenOf(ada);
      return () => post('password-reset/confirm', { token, newPassword: NEW_PASSWORD });
    },
  ],
  [
    'a change of the password',
    (as) => {
      const body = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
      return Promise.resolve(() => api.request('PUT', '/v1/users/me/password', { as, body }));
    },
  ],
  [
    'an administrator who has disabled the account for a moment',
    ({ id }) =>
      Promise.resolve(async () => {
        const set = (status: string) => api.request('PATCH', `/v1/users/${id}`, { as: admin, body: { status } });
        await set('disabled');
        return set('active');
      }),
  ],
];

describe.each(WAYS)('a password that was checked before %s', (_, prepare) => {
  it.each<[what: string, method: string, path: string, body: object]>([
    ['makes no key', 'POST', '/v1/api-keys', { name: 'Theirs', scopes: ['read'] }],
    ['moves nothing to another address', 'PATCH', '/v1/users/me', { email: MOVED }],
    ['deletes nothing', 'DELETE', '/v1/users/me', {}],
  ])('%s', async (__, method, path, body) => {
    const ada = await api.createAccount();
    const secure = await prepare(ada);
    const check = afterTheCheck(async () => expect((await secure()).status).toBeLessThan(300));
    const reply = await api.request(method, path, { as: ada, body: { ...body, currentPassword: PASSWORD } });
    check.mockRestore();
    const fault = {
      code: 'wrong_password',
      pointer: '/currentPassword',
      detail: expect.stringContaining('was changed at the same moment'),
    };
    expect(reply).toMatchObject({ status: 422, body: { errors: [fault] } });
    expect(await leftOf(ada)).toEqual({ status: 'active', email: ada.email, moving: null, keys: 0, mails: 0 });
  });
});
