import { availableParallelism } from 'node:os';
import { sql } from '@app/database';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { type Account, type Ask, PASSWORD, type Reply, TestApi } from '../../../../test/support/api';

/** The real thing, watched: how many hashes there were, and how many at once. */
const watched = { total: 0, running: 0, peak: 0 };
jest.mock('@node-rs/argon2', () => {
  const real = jest.requireActual<typeof import('@node-rs/argon2')>('@node-rs/argon2');
  const verify: typeof real.verify = async (...given) => {
    watched.total++;
    watched.peak = Math.max(watched.peak, ++watched.running);
    return real.verify(...given).finally(() => watched.running--);
  };
  return { ...real, verify };
});

let api: TestApi;
let ada: Account;
const answers: string[] = [];

beforeAll(async () => {
  api = await TestApi.start();
  ada = await api.createAccount();
});
afterAll(() => api.close());

async function ask(url: string, question: Ask): Promise<Reply> {
  const reply = await api.request('POST', url, question);
  answers.push(JSON.stringify(reply.headers) + reply.text);
  return reply;
}

const logIn = (body: unknown): Promise<Reply> => ask('/v1/auth/login', { body });
const me = (token: string): Promise<Reply> => api.get('/v1/users/me', { as: { ...ada, token } });

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const issue = (form: Record<string, string> | string, headers = {}): Promise<Reply> =>
  ask('/v1/auth/token', { body: new URLSearchParams(form).toString(), headers: { ...FORM, ...headers } });

const pointersOf = ({ body }: Reply): string[] =>
  (body.errors ?? []).map(({ pointer }: { pointer: string }) => pointer);

/** What a client can see of an answer, but for what differs from request to request. */
function visible({ status, headers, body }: Reply): object {
  const { instance: _, ...rest } = body;
  const { 'x-request-id': __, 'server-timing': ___, date: ____, ...others } = headers;
  return { status, rest, others };
}

async function accountIn(state: 'disabled' | 'deleted'): Promise<Account> {
  const account = await api.createAccount();
  if (state === 'deleted')
    await api.request('DELETE', '/v1/users/me', { as: account, body: { currentPassword: PASSWORD } });
  else await api.rows(sql`UPDATE users SET status = 'disabled' WHERE id = ${account.id}`);
  return account;
}

describe('logging in', () => {
  it('answers with a token of ten minutes and a refresh token, at two statements', async () => {
    const reply = await logIn({ email: ada.email, password: PASSWORD });
    expect(reply).toMatchObject({ status: 200, sql: 2, headers: { 'cache-control': 'no-store' } });
    const { accessToken, ...rest } = reply.body;
    expect(rest).toEqual({ tokenType: 'Bearer', expiresIn: 600, refreshToken: expect.stringMatching(/^[\w-]{64}$/) });
    expect(decodeProtectedHeader(accessToken)).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: expect.any(String) });
    const { iat = 0, exp, jti, ...claims } = decodeJwt(accessToken);
    expect(claims).toEqual({ iss: 'floodgate', aud: 'floodgate-api', sub: ada.id, gen: 1, sid: expect.any(String) });
    expect(exp).toBe(iat + 600);
    expect(jti).not.toBe(decodeJwt(ada.token).jti);
    expect((await me(accessToken)).body.id).toBe(ada.id);
  });

  it('does not tell why it failed: same answer, same statement, same work', async () => {
    const disabled = await accountIn('disabled');
    const deleted = await accountIn('deleted');
    const replies: object[] = [];
    for (const [email, password] of [
      [ada.email, 'not the password'],
      ['nobody@users.example', PASSWORD],
      [disabled.email, PASSWORD],
      [deleted.email, PASSWORD],
    ]) {
      const before = watched.total;
      const reply = await logIn({ email, password });
      expect(reply).toMatchObject({ status: 401, sql: 1, body: { code: 'invalid_credentials' } });
      expect(watched.total).toBe(before + 1);
      replies.push(visible(reply));
    }
    expect(replies).toEqual(Array(4).fill(replies[0]));
    expect(replies[0]).toMatchObject({ others: { 'www-authenticate': 'Bearer' } });
  });

  it.each<[name: string, body: unknown, status: number, pointers: string[]]>([
    ['nothing', undefined, 400, []],
    ['no JSON', '{"email":', 400, []],
    ['a list', [], 422, ['']],
    ['empty fields', { email: '', password: '' }, 422, ['/email', '/password']],
    ['objects', { email: { $ne: null }, password: { $ne: null } }, 422, ['/email', '/password']],
    ['a password of a megabyte', { email: 'ada@users.example', password: 'x'.repeat(200_000) }, 422, ['/password']],
    ['more', { email: 'ada@users.example', password: 'x', role: 'admin' }, 422, ['/role']],
  ])('refuses %s without any work', async (_, body, status, pointers) => {
    const before = watched.total;
    const headers: Record<string, string> = typeof body === 'string' ? { 'content-type': 'application/json' } : {};
    const reply = await ask('/v1/auth/login', { body, headers });
    expect(reply).toMatchObject({ status, sql: 0 });
    expect(pointersOf(reply)).toEqual(pointers);
    expect(watched.total).toBe(before);
  });
});

describe('the OAuth 2 password form', () => {
  const good = () => ({ grant_type: 'password', username: ada.email, password: PASSWORD });

  it('gives Swagger UI what it asks for', async () => {
    const basic = { authorization: 'Basic Og==', accept: 'application/json, text/plain, */*' };
    const reply = await issue({ ...good(), scope: '' }, basic);
    expect(reply).toMatchObject({ status: 200, sql: 2, headers: { 'cache-control': 'no-store' } });
    const { access_token: token, refresh_token: refreshToken, ...rest } = reply.body;
    expect(rest).toEqual({ token_type: 'Bearer', expires_in: 600 });
    expect((await me(token)).status).toBe(200);

    const next = await issue({ grant_type: 'refresh_token', refresh_token: refreshToken });
    expect(next).toMatchObject({ status: 200, body: { token_type: 'Bearer', refresh_token: expect.any(String) } });
    expect((await me(next.body.access_token)).status).toBe(200);
  });

  it('takes client credentials in the form, and an address in any spelling', async () => {
    const client = { client_id: 'web', client_secret: 'x', scope: 'read write' };
    expect((await issue({ ...good(), ...client, username: ` ${ada.email.toUpperCase()}` })).status).toBe(200);
  });

  it.each([
    ['unknown', 'A'.repeat(64)],
    ['malformed', 'words'],
  ])('refuses a refresh token that is %s in the words of the standard', async (_, token) => {
    const reply = await issue({ grant_type: 'refresh_token', refresh_token: token });
    expect(reply).toMatchObject({ status: 400, body: { code: 'invalid_grant', error: 'invalid_grant' } });
  });

  it('does not tell why it failed', async () => {
    const wrong = await issue({ ...good(), password: 'not the password' });
    const unknown = await issue({ ...good(), username: 'nobody@users.example' });
    const disabled = await issue({ ...good(), username: (await accountIn('disabled')).email });
    expect(wrong).toMatchObject({ status: 400, body: { code: 'invalid_grant', error: 'invalid_grant' } });
    expect([visible(unknown), visible(disabled)]).toEqual([visible(wrong), visible(wrong)]);
  });

  it.each<[name: string, form: Record<string, string> | string, error: string, pointers: string[]]>([
    ['another grant', { grant_type: 'client_credentials' }, 'unsupported_grant_type', []],
    ['no grant', { username: 'ada@users.example', password: 'x' }, 'invalid_request', ['/grant_type']],
    ['an empty grant', 'grant_type=&username=a@users.example&password=x', 'invalid_request', ['/grant_type']],
    ['no credentials', { grant_type: 'password' }, 'invalid_request', ['/username', '/password']],
    ['a name that is no address', 'grant_type=password&username=ada&password=x', 'invalid_request', ['/username']],
    ['a name given twice', 'grant_type=password&username=a&username=b&password=x', 'invalid_request', ['/username']],
    ['NUL', 'grant_type=password&username=a@users.example&password=%00', 'invalid_request', ['/password']],
    [
      'more',
      'grant_type=password&username=a@users.example&password=x&role=admin&__proto__=x',
      'invalid_request',
      ['/role', '/__proto__'],
    ],
    ['nothing', '', 'invalid_request', ['/grant_type', '/username', '/password']],
  ])('refuses %s in the words of the standard', async (_, form, error, pointers) => {
    const reply = await issue(form);
    expect(reply).toMatchObject({ status: 400, sql: 0, body: { error, code: error } });
    expect(pointersOf(reply)).toEqual(pointers);
  });

  it('refuses JSON, and no body at all', async () => {
    expect(await ask('/v1/auth/token', { body: good() })).toMatchObject({ status: 415 });
    expect(await ask('/v1/auth/token', {})).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });
});

describe('a flood of logins', () => {
  it('is hashed one or two at a time, refused beyond a short queue, and leaves other routes alone', async () => {
    watched.peak = 0;
    const settled = { count: 0 };
    const flood = Array.from({ length: 120 }, async () => {
      const reply = await logIn({ email: ada.email, password: PASSWORD });
      settled.count++;
      return reply;
    });
    expect((await api.get(`/v1/users/${ada.id}`)).status).toBe(200);
    expect(settled.count).toBeLessThan(flood.length);

    const replies = await Promise.all(flood);
    const refused = replies.filter(({ status }) => status !== 200);
    expect(watched.peak).toBe(Math.min(2, Math.max(1, availableParallelism() - 1)));
    expect(replies.length - refused.length).toBeGreaterThanOrEqual(52);
    expect(refused.length).toBeGreaterThan(0);
    for (const { status, body, headers } of refused)
      expect([status, body.code, headers['retry-after']]).toEqual([503, 'busy', '1']);
    expect((await logIn({ email: ada.email, password: PASSWORD })).status).toBe(200);
  });

  it('of sixty at once loses few', async () => {
    const sixty = Array.from({ length: 60 }, () => logIn({ email: ada.email, password: PASSWORD }));
    const statuses = (await Promise.all(sixty)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(52);
  });
});

it('no answer has shown a password or its hash', () => {
  expect(answers.length).toBeGreaterThan(200);
  expect(answers.filter((text) => new RegExp(`${PASSWORD}|not the password|argon2|Hash"`).test(text))).toEqual([]);
});
