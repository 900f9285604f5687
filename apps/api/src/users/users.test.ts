import { sql } from '@app/database';
import { v7 as uuidv7 } from 'uuid';
import { type Account, type Ask, type Reply, TestApi } from '../../../../test/support/api';

const CANARY = 'pässwörd canary';

let api: TestApi;
const answers: string[] = [];

beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.close());
// What is mailed because of the last test must not count in this one.
beforeEach(() => api.settle());

async function ask(method: string, url: string, question?: Ask): Promise<Reply> {
  const reply = await api.request(method, url, question);
  answers.push(JSON.stringify(reply.headers) + reply.text);
  return reply;
}

const signUp = (account: object = {}): Promise<Reply> =>
  ask('POST', '/v1/users', {
    body: { email: `${uuidv7()}@test.example`, password: CANARY, displayName: 'Ada', ...account },
  });
const logIn = (email: string, password = CANARY): Promise<Reply> =>
  ask('POST', '/v1/auth/login', { body: { email, password } });
const patch = (as: Account, body: object, headers?: Record<string, string>): Promise<Reply> =>
  ask('PATCH', '/v1/users/me', { as, body, headers });

/** Signs up and logs in, so that the password is the canary. */
async function newcomer(): Promise<Account> {
  const { body } = await signUp();
  const { accessToken } = (await logIn(body.email)).body;
  await api.settle();
  return { id: body.id, email: body.email, password: CANARY, token: accessToken };
}

const faultsOf = ({ body }: Reply): string[] =>
  body.errors.map(({ code, pointer }: Record<string, string>) => `${pointer} ${code}`);

describe('signing up', () => {
  it('answers with the new account, at two statements: the account, and the request for a mail', async () => {
    const reply = await signUp({ email: 'ada@users.example' });
    expect(reply).toMatchObject({ status: 201, sql: 2 });
    const { id, createdAt, updatedAt, ...rest } = reply.body;
    expect(rest).toEqual({
      email: 'ada@users.example',
      emailVerified: false,
      pendingEmail: null,
      displayName: 'Ada',
      role: 'user',
      status: 'active',
      version: 1,
    });
    expect(updatedAt).toBe(createdAt);
    expect(reply.headers).toMatchObject({
      location: `/v1/users/${id}`,
      etag: `"${id}.1"`,
      'cache-control': 'no-store',
    });
  });

  it('knows an address in any spelling', async () => {
    const first = await signUp({ email: '  Grace.Hopper@Users.Example ' });
    expect(first.body.email).toBe('grace.hopper@users.example');
    const second = await signUp({ email: 'GRACE.HOPPER@users.example' });
    expect(second).toMatchObject({ status: 409, body: { code: 'email_taken' } });
    expect(faultsOf(second)).toEqual(['/email email_taken']);
    expect((await logIn(' grace.hopper@USERS.example')).status).toBe(200);
  });

  it('gives an address to one of ten who ask at once', async () => {
    const email = 'race@users.example';
    const replies = await Promise.all(Array.from({ length: 10 }, () => signUp({ email })));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(9).fill(409)]);
  });

  it.each([
    ['a password of 8 characters beyond the BMP', { password: '🔑'.repeat(8) }],
    ['a password of 128 spaces', { password: ' '.repeat(128) }],
    ['a tagged address', { email: "o'brien+tag@mail.users.example" }],
  ])('takes %s', async (_, account) => expect((await signUp(account)).status).toBe(201));

  it.each<[name: string, account: object, faults: string[]]>([
    ['a password of 7 characters', { password: '🔑'.repeat(7) }, ['/password too_short']],
    ['a password of 129 characters', { password: 'x'.repeat(129) }, ['/password too_long']],
    ['a password that is guessed first', { password: 'Password1' }, ['/password too_common']],
    [
      'the own address for a password',
      { email: 'ada.lovelace@users.example', password: ' Ada.Lovelace@Users.example' },
      ['/password too_common'],
    ],
    ['the name in it', { email: 'ada.lovelace@users.example', password: 'ADA.Lovelace' }, ['/password too_common']],
    ['half a character', { password: 'half \ud800 of it' }, ['/password invalid_character']],
    ['NUL in a name', { displayName: 'A\0da' }, ['/displayName invalid_character']],
    ['no name', { displayName: undefined }, ['/displayName required']],
    ['a blank name', { displayName: '  ' }, ['/displayName wrong_format']],
    ['a name of 101 characters', { displayName: 'x'.repeat(101) }, ['/displayName too_long']],
    ['null', { email: null }, ['/email wrong_type']],
    ['an address without @', { email: 'users.example' }, ['/email wrong_format']],
    ['a host without a dot', { email: 'ada@localhost' }, ['/email wrong_format']],
    ['a host by number', { email: 'ada@127.0.0.1' }, ['/email wrong_format']],
    ['an address with a line break', { email: 'ada@users.example\r\nBcc: eve@users.example' }, ['/email wrong_format']],
    ['two addresses', { email: 'ada@users.example,eve@users.example' }, ['/email wrong_format']],
    ['a Kelvin sign for a K', { email: '\u212aate@users.example' }, ['/email wrong_format']],
    ['an address of 255 characters', { email: `${'x'.repeat(241)}@users.example` }, ['/email too_long']],
    [
      'what is not the caller’s to say',
      { id: uuidv7(), role: 'admin', status: 'active', version: 7, tokenGeneration: 1, passwordHash: 'x' },
      ['/id', '/role', '/status', '/version', '/tokenGeneration', '/passwordHash'].map((field) => `${field} unknown`),
    ],
  ])('refuses %s', async (_, account, faults) => {
    const count = () => api.rows<{ count: number }>(sql`SELECT count(*) AS count FROM users`);
    const before = await count();
    const reply = await signUp(account);
    expect(reply).toMatchObject({ status: 422, sql: 0, body: { code: 'invalid_body' } });
    expect(faultsOf(reply)).toEqual(faults);
    expect(await count()).toEqual(before);
  });
});

describe('the own account', () => {
  it('is read by its owner alone', async () => {
    const ada = await newcomer();
    await api.settle();
    for (const cost of [3, 1]) {
      const reply = await ask('GET', '/v1/users/me', { as: ada });
      expect(reply).toMatchObject({ status: 200, sql: cost, body: { id: ada.id, email: ada.email } });
      expect(reply.headers).toMatchObject({ etag: `"${ada.id}.1"`, 'cache-control': 'no-store' });
      expect(reply.headers['cache-status']).toBeUndefined();
    }
    const refusal = await ask('GET', '/v1/users/me');
    expect(refusal).toMatchObject({ status: 401, sql: 0, body: { code: 'login_required' } });
    expect(refusal.headers['www-authenticate']).toBe('Bearer');
  });

  it('is changed field by field', async () => {
    const ada = await newcomer();
    const renamed = await patch(ada, { displayName: 'Ada L.' }, { 'content-type': 'application/merge-patch+json' });
    expect(renamed).toMatchObject({ status: 200, body: { displayName: 'Ada L.', email: ada.email, version: 2 } });
    expect(renamed.headers.etag).toBe(`"${ada.id}.2"`);
    expect((await ask('GET', '/v1/users/me', { as: ada })).body).toEqual(renamed.body);
  });

  it.each<[name: string, body: object, fault: string]>([
    ['null for a name', { displayName: null }, '/displayName wrong_type'],
    ['a role', { role: 'admin' }, '/role unknown'],
    ['a status', { status: 'active' }, '/status unknown'],
    ['a version', { version: 9 }, '/version unknown'],
    ['an id', { id: uuidv7() }, '/id unknown'],
    ['a password', { password: CANARY }, '/password unknown'],
    ['an address without the password', { email: 'new@users.example' }, '/currentPassword required'],
    ['a wrong password', { email: 'new@users.example', currentPassword: 'wrong' }, '/currentPassword wrong_password'],
  ])('refuses %s', async (_, body, fault) => {
    const ada = await newcomer();
    const reply = await patch(ada, { displayName: 'Eve', ...body });
    expect(reply.status).toBe(422);
    expect(faultsOf(reply)).toEqual([fault]);
    expect((await ask('GET', '/v1/users/me', { as: ada })).body).toMatchObject({ displayName: 'Ada', version: 1 });
  });

  it.each<[name: string, body: (ada: Account) => object]>([
    ['nothing is said', () => ({})],
    ['what is said is so', ({ email }) => ({ displayName: 'Ada', email })],
  ])('keeps its version when %s', async (_, body) => {
    const ada = await newcomer();
    const reply = await patch(ada, body(ada));
    expect(reply).toMatchObject({ status: 200, body: { version: 1 }, headers: { etag: `"${ada.id}.1"` } });
    expect((await patch(ada, body(ada), { 'if-match': `"${ada.id}.2"` })).status).toBe(412);
  });

  it('is neither changed nor deleted when it is not what If-Match says', async () => {
    const ada = await newcomer();
    const current = { 'if-match': `"${ada.id}.1"` };
    expect((await patch(ada, { displayName: 'B' }, current)).status).toBe(200);
    for (const reply of [
      await patch(ada, { displayName: 'C' }, current),
      await ask('DELETE', '/v1/users/me', { as: ada, headers: current, body: { currentPassword: CANARY } }),
    ]) {
      expect(reply).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
      expect(reply.headers.etag).toBe(`"${ada.id}.2"`);
    }
    expect((await ask('GET', '/v1/users/me', { as: ada })).body).toMatchObject({ displayName: 'B', version: 2 });
  });

  it.each<[name: string, body: object, fault: string]>([
    ['no password', {}, '/currentPassword required'],
    ['a wrong one', { currentPassword: 'wrong' }, '/currentPassword wrong_password'],
  ])('is not deleted with %s', async (_, body, fault) => {
    const ada = await newcomer();
    const reply = await ask('DELETE', '/v1/users/me', { as: ada, body });
    expect(reply).toMatchObject({ status: 422, body: { code: 'invalid_body' } });
    expect(faultsOf(reply)).toEqual([fault]);
    expect((await ask('GET', '/v1/users/me', { as: ada })).status).toBe(200);
  });

  it('leaves a shell without personal data, and its items, when it is deleted', async () => {
    const ada = await newcomer();
    const item = await ask('POST', '/v1/items', { as: ada, body: { sku: ada.id, name: 'Left behind' } });
    const deletion = await ask('DELETE', '/v1/users/me', { as: ada, body: { currentPassword: CANARY } });
    expect(deletion).toMatchObject({ status: 204, text: '' });

    for (const cost of [2, 0])
      expect(await ask('GET', '/v1/users/me', { as: ada })).toMatchObject({ status: 401, sql: cost });
    expect((await ask('GET', `/v1/users/${ada.id}`)).status).toBe(404);
    expect((await logIn(ada.email)).body.code).toBe('invalid_credentials');
    const [shell] = await api.rows(sql`SELECT *, search::text FROM users WHERE id = ${ada.id}`);
    expect(shell).toMatchObject({ email: null, password_hash: null, display_name: '', search: '', status: 'deleted' });
    const { data } = (await ask('GET', `/v1/items?sku=${ada.id}&include=owner`)).body;
    expect(data).toMatchObject([{ id: item.body.id, ownerId: ada.id, owner: null }]);
    expect((await signUp({ email: ada.email })).status).toBe(201);
  });
});

it('no answer has shown a password or its hash', () => {
  expect(answers.length).toBeGreaterThan(60);
  const secrets = new RegExp(`${CANARY}|argon2|passwordHash":|password_hash|tokenGeneration":`);
  expect(answers.filter((text) => secrets.test(text))).toEqual([]);
});
