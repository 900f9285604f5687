// What an operator reads of logins, accounts and keys: who, which and by whom, and nothing that could be used or mistyped.
import { createLogger } from '@app/telemetry';
import { decodeJwt } from 'jose';
import { type Account, type Ask, PASSWORD, type Reply, TestApi } from '../../../../test/support/api';

type Line = Readonly<Record<string, unknown>>;

let api: TestApi;
let ada: Account;
let admin: Account;
let written: string[] = [];
const NEW_PASSWORD = 'canary of a new password';
const STRANGER = 'canary-of-a-password@test.example';
const secrets = [PASSWORD, NEW_PASSWORD, STRANGER, 'canary'];

beforeAll(async () => {
  const destination = { write: (line: string) => void written.push(line) };
  api = await TestApi.start({ logLevel: 'trace', logger: createLogger({ logLevel: 'trace', destination }) });
  admin = await api.createAccount({ role: 'admin' });
});
beforeEach(async () => {
  ada = await api.createAccount();
});
afterEach(() => {
  secrets.push(ada.email, ada.token);
  // Debug shows more, and no secret either.
  for (const secret of secrets) expect(written.filter((line) => line.includes(secret))).toEqual([]);
});
afterAll(() => api.close());

/** The lines that an operator reads of what these requests do. */
async function told(...asked: (() => Promise<Reply>)[]): Promise<Line[]> {
  written = [];
  for (const ask of asked) {
    const { body } = await ask();
    for (const name of ['accessToken', 'access_token', 'refreshToken', 'refresh_token', 'key'])
      if (body?.[name]) secrets.push(body[name] as string);
  }
  return written
    .map((line) => JSON.parse(line) as Line)
    .filter(({ level }) => level !== 'debug' && level !== 'trace')
    .map(({ time: _time, pid: _pid, hostname: _hostname, ...line }) => line);
}

const ask = (method: string, url: string, question: Ask) => () => api.request(method, url, question);
const logIn = (email: string, password = PASSWORD) => ask('POST', '/v1/auth/login', { body: { email, password } });
const sessionOf = ({ token }: Account): string => String(decodeJwt(token)['sid']);
const info = (msg: string, fields: object) => ({ level: 'info', msg, ...fields });

describe('a login', () => {
  it('that succeeds is told with its session, in either form', async () => {
    const form = `grant_type=password&username=${ada.email}&password=${PASSWORD}`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const lines = await told(logIn(ada.email), ask('POST', '/v1/auth/token', { body: form, headers }));
    expect(lines).toEqual(Array(2).fill(info('session.begun', { accountId: ada.id, sessionId: expect.any(String) })));
  });

  it('that fails is told with the account, if there is one', async () => {
    const lines = await told(logIn(ada.email, NEW_PASSWORD), logIn(STRANGER), logIn('canary', 'canary'));
    expect(lines).toEqual([
      { level: 'warn', msg: 'login.failed', accountId: ada.id, address: '127.0.0.1' },
      { level: 'warn', msg: 'login.failed', address: '127.0.0.1' },
    ]);
  });

  it('of a disabled account has failed', async () => {
    const body = { status: 'disabled' };
    const lines = await told(ask('PATCH', `/v1/users/${ada.id}`, { as: admin, body }), logIn(ada.email));
    expect(lines).toEqual([
      info('account.changed', { accountId: ada.id, byAccountId: admin.id, role: 'user', status: 'disabled' }),
      { level: 'warn', msg: 'login.failed', accountId: ada.id, address: '127.0.0.1' },
    ]);
  });
});

describe('an end of a session is told', () => {
  it.each<[name: string, end: () => Promise<Reply>]>([
    ['at a logout', () => api.request('POST', '/v1/auth/logout', { as: ada })],
    ['from the list', () => api.request('DELETE', `/v1/auth/sessions/${sessionOf(ada)}`, { as: ada })],
  ])('%s', async (_, end) => {
    expect(await told(end, end)).toEqual([info('session.ended', { accountId: ada.id, sessionId: sessionOf(ada) })]);
  });

  it('by a refresh token', async () => {
    const { refreshToken } = (await logIn(ada.email)()).body;
    const end = ask('POST', '/v1/auth/logout', { body: { refreshToken } });
    const sessionId = expect.any(String) as string;
    expect(await told(end, end)).toEqual([info('session.ended', { accountId: ada.id, sessionId })]);
  });
});

it('a refresh token that comes back after its successor was used is told with whose session it has ended, once', async () => {
  const refresh = (refreshToken: string) => ask('POST', '/v1/auth/refresh', { body: { refreshToken } });
  const login = (await logIn(ada.email)()).body;
  const sessionId = sessionOf({ ...ada, token: login.accessToken });
  const next = (await refresh(login.refreshToken)()).body;
  await told(refresh(next.refreshToken));
  secrets.push(login.refreshToken, next.refreshToken);
  expect(await told(refresh(login.refreshToken), refresh(login.refreshToken), refresh(next.refreshToken))).toEqual([
    { level: 'warn', msg: 'session.revoked', accountId: ada.id, sessionId },
  ]);
});

it('a new password is told, and so is a wrong old one', async () => {
  const change = (currentPassword: string) =>
    ask('PUT', '/v1/users/me/password', { as: ada, body: { currentPassword, newPassword: NEW_PASSWORD } });
  expect(await told(change('canary of a guess'), change(PASSWORD))).toEqual([
    { level: 'warn', msg: 'login.failed', accountId: ada.id },
    info('password.changed', { accountId: ada.id }),
  ]);
});

it('what an administrator makes of an account is told with his name', async () => {
  const whose = { accountId: ada.id, byAccountId: admin.id };
  const url = `/v1/users/${ada.id}`;
  const lines = await told(
    ask('PATCH', url, { as: admin, body: { role: 'admin' } }),
    ask('DELETE', url, { as: admin }),
    ask('DELETE', url, { as: admin }),
  );
  expect(lines).toEqual([
    info('account.changed', { ...whose, role: 'admin', status: 'active' }),
    info('account.deleted', whose),
  ]);
});

it('keys are told by their ids, and so is who may not do what he asks for, once in ten seconds', async () => {
  const make = ask('POST', '/v1/api-keys', {
    as: ada,
    body: { name: 'canary', scopes: ['read'], currentPassword: PASSWORD },
  });
  let key = { id: '', key: '' };
  const lines = await told(
    async () => {
      const reply = await make();
      key = reply.body;
      return reply;
    },
    () => api.request('POST', '/v1/items', { as: { ...ada, token: key.key }, body: {} }),
    ask('GET', '/v1/users', { as: ada }),
    ask('GET', '/v1/users', {}),
    ask('GET', '/v1/users', { as: { ...ada, token: 'canary' } }),
    () => api.request('DELETE', `/v1/api-keys/${key.id}`, { as: ada }),
  );
  const refused = { code: 'insufficient_scope', accountId: ada.id, method: 'POST', route: '/v1/items', suppressed: 0 };
  expect(lines).toEqual([
    info('key.created', { accountId: ada.id, keyId: key.id, scopes: ['read'] }),
    { level: 'warn', msg: 'access.refused', requestId: expect.any(String), ...refused },
    info('key.deleted', { accountId: ada.id, keyId: key.id }),
  ]);
});
