import { type Account, type Ask, PASSWORD, type Reply, TestApi } from '../../../../test/support/api';

const SHOP = 'https://shop.example';
const OWN = { origin: 'http://localhost' };
const COOKIE = /^__Host-floodgate-refresh=([\w-]{64}); Max-Age=604800; Path=\/; Secure; HttpOnly; SameSite=Strict$/;
const REMOVED = '__Host-floodgate-refresh=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict';

let api: TestApi;
let ada: Account;

beforeAll(async () => {
  api = await TestApi.start({ corsOrigins: [SHOP] });
  ada = await api.createAccount();
});
afterAll(() => api.close());

const post = (path: string, ask: Ask = {}): Promise<Reply> =>
  api.request('POST', `/v1/auth/${path}`, { body: {}, ...ask, headers: { host: 'localhost', ...ask.headers } });
const logIn = (headers: Record<string, string> = OWN): Promise<Reply> =>
  post('login', { headers, body: { email: ada.email, password: PASSWORD, refreshTokenIn: 'cookie' } });
const tokenIn = ({ headers }: Reply): string | undefined => COOKIE.exec(String(headers['set-cookie']))?.[1];
const sent = (token = '', headers: Record<string, string> = OWN): Ask => ({
  headers: { cookie: `theme=dark; __Host-floodgate-refresh=${token}; x=y`, ...headers },
});

it('a page that asks for it has its refresh token in a cookie, and not in the body', async () => {
  const reply = await logIn();
  expect(reply).toMatchObject({ status: 200, body: { tokenType: 'Bearer' } });
  expect(reply.body).not.toHaveProperty('refreshToken');
  expect(tokenIn(reply)).toBeDefined();
});

it('whoever does not ask for it gets no cookie', async () => {
  const reply = await post('login', { body: { email: ada.email, password: PASSWORD } });
  expect(reply.headers['set-cookie']).toBeUndefined();
  expect(reply.body.refreshToken).toMatch(/^[\w-]{64}$/);
});

it('it is refreshed from cookie to cookie', async () => {
  const first = tokenIn(await logIn());
  const reply = await post('refresh', sent(first));
  expect(reply.status).toBe(200);
  expect(reply.body).not.toHaveProperty('refreshToken');
  const second = tokenIn(reply);
  expect([second === undefined, second === first]).toEqual([false, false]);
  expect((await post('refresh', sent(second))).status).toBe(200);
});

it('a token in the body goes before the one in the cookie, and is answered in the body', async () => {
  const kept = tokenIn(await logIn());
  const { refreshToken } = (await post('login', { body: { email: ada.email, password: PASSWORD } })).body;
  const reply = await post('refresh', { ...sent(kept, { origin: 'https://evil.example' }), body: { refreshToken } });
  expect(reply).toMatchObject({ status: 200, body: { refreshToken: expect.any(String) } });
  expect(reply.headers['set-cookie']).toBeUndefined();
});

it('logging out ends the session of the cookie and removes it', async () => {
  const token = tokenIn(await logIn());
  const reply = await post('logout', sent(token));
  expect(reply).toMatchObject({ status: 204, headers: { 'set-cookie': REMOVED } });
  expect(await post('refresh', sent(token))).toMatchObject({ status: 401, body: { code: 'invalid_refresh_token' } });
});

it('a cookie that holds nothing or nonsense is refused', async () => {
  for (const value of ['', 'nonsense']) expect((await post('refresh', sent(value))).status).toBe(401);
});

it('a cookie that is worth nothing any more is taken away, and a token in the body changes no cookie', async () => {
  const dead = await post('refresh', sent('nonsense'));
  expect(dead).toMatchObject({ status: 401, headers: { 'set-cookie': REMOVED } });
  const { headers } = sent(tokenIn(await logIn()));
  const reply = await post('refresh', { headers, body: { refreshToken: 'nonsense' } });
  expect([reply.status, reply.headers['set-cookie']]).toEqual([401, undefined]);
});

it('a cookie of a name that only looks like it, or that comes twice, is refused', async () => {
  const token = tokenIn(await logIn());
  const pair = `__Host-floodgate-refresh=${token}`;
  for (const cookie of [`\u00a0${pair}`, `${pair}; ${pair}`])
    expect((await post('refresh', { headers: { ...OWN, cookie } })).status).toBe(401);
  expect((await post('refresh', sent(token))).status).toBe(200);
});

describe.each(['refresh', 'logout'])('%s with the cookie', (path) => {
  it.each<[name: string, headers: Record<string, string>]>([
    ['of this host', OWN],
    ['of this host in front of a proxy that speaks TLS', { origin: 'https://localhost' }],
    ['of an origin that CORS_ORIGINS names', { origin: SHOP, 'sec-fetch-site': 'same-site' }],
    ['of the same origin, as the browser says', { 'sec-fetch-site': 'same-origin' }],
  ])('is let through on a page %s', async (_, headers) => {
    const reply = await post(path, sent(tokenIn(await logIn()), headers));
    expect(reply.status).toBe(path === 'refresh' ? 200 : 204);
  });

  it.each<[name: string, headers: Record<string, string>]>([
    ['of nobody', {}],
    ['of another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['of another site, by an old browser', { origin: 'https://evil.example' }],
    ['of a host that begins alike', { origin: 'http://localhost.evil.example' }],
    ['of another port', { origin: 'http://localhost:81' }],
    ['of a neighbour', { origin: 'https://other.shop.example', 'sec-fetch-site': 'same-site' }],
    ['of an opaque origin', { origin: 'null' }],
    ['that the user typed', { 'sec-fetch-site': 'none' }],
  ])('is refused on a page %s, without effect', async (_, headers) => {
    const token = tokenIn(await logIn());
    const reply = await post(path, sent(token, headers));
    expect(reply).toMatchObject({ status: 403, sql: 0, body: { code: 'origin_not_allowed' } });
    expect(reply.headers['set-cookie']).toBeUndefined();
    expect((await post('refresh', sent(token))).status).toBe(200);
  });

  it.each([
    ['text/plain', '{}'],
    ['application/x-www-form-urlencoded', 'a=b'],
    ['multipart/form-data; boundary=x', '--x--'],
  ])('is refused as %s, which a form could send', async (type, body) => {
    const token = tokenIn(await logIn());
    const { headers } = sent(token, { ...OWN, 'content-type': type });
    expect((await post(path, { headers, body })).status).toBe(415);
    expect((await post('refresh', sent(token))).status).toBe(200);
  });

  it('is refused without a body, which a form could leave out', async () => {
    const token = tokenIn(await logIn());
    const reply = await post(path, { ...sent(token), body: undefined });
    expect(reply.status).toBe(path === 'refresh' ? 400 : 401);
    expect((await post('refresh', sent(token))).status).toBe(200);
  });
});

it('no page of another site can log a browser in', async () => {
  const reply = await logIn({ origin: 'https://evil.example' });
  expect(reply).toMatchObject({ status: 403, sql: 0, body: { code: 'origin_not_allowed' } });
});

describe('pages of other origins', () => {
  it('may read how to log in', async () => {
    const { headers } = await api.get('/v1/users/me', { headers: { origin: SHOP } });
    expect(headers['access-control-expose-headers']).toContain('WWW-Authenticate');
  });

  it.each<[name: string, headers: Record<string, string>]>([
    ['from one of them', { origin: SHOP }],
    ['from another', { origin: 'https://evil.example' }],
    ['from none', { 'access-control-request-method': 'POST' }],
  ])('are told what may be used when OPTIONS is no preflight, %s', async (_, headers) => {
    const reply = await api.request('OPTIONS', '/v1/auth/refresh', { headers });
    expect(reply).toMatchObject({ status: 405, headers: { allow: 'POST' }, body: { code: 'method_not_allowed' } });
    expect(reply.headers['access-control-allow-origin']).toBe(headers['origin'] === SHOP ? SHOP : undefined);
    expect(await api.request('OPTIONS', '/nothing', { headers })).toMatchObject({ status: 404 });
  });

  const preflight = (origin: string) =>
    api.app.inject({
      method: 'OPTIONS',
      url: '/v1/auth/refresh',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    });

  it('may send the cookie if they are named', async () => {
    expect((await preflight(SHOP)).headers).toMatchObject({
      'access-control-allow-origin': SHOP,
      'access-control-allow-credentials': 'true',
    });
  });

  it('may not if they are not', async () => {
    for (const origin of ['https://evil.example', 'null', `${SHOP}.evil.example`])
      expect((await preflight(origin)).headers['access-control-allow-origin']).toBeUndefined();
  });
});
