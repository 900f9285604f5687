// What every answer carries, good or bad, whoever gave it: an operation, the documentation, a refusal in front of both.
import { type Account, type Ask, type Reply, TestApi } from '../support/api';

type Answered = [name: string, status: number, ask: Ask & { method?: string; url: string }];

let api: TestApi;
let owner: Account;
let id: string;

beforeAll(async () => {
  api = await TestApi.start();
  owner = await api.createAccount();
  id = (await api.request('POST', '/v1/items', { as: owner, body: { sku: 'KNOWN', name: 'Known' } })).body.id;
});

afterAll(() => api.close());

const ask = ({ method = 'GET', url, ...more }: Answered[2]): Promise<Reply> =>
  api.request(method, url.replace('{id}', id), { ...more, ...(more.as && { as: owner }) });

const LOGIN = { as: {} as Account };
const ANSWERS: Answered[] = [
  ['an item', 200, { url: '/v1/items/{id}' }],
  ['a page', 200, { url: '/v1/items' }],
  ['HEAD', 200, { url: '/v1/items/{id}', method: 'HEAD' }],
  ['what is known', 304, { url: '/v1/items/{id}', headers: { 'if-none-match': '*' } }],
  ['what was created', 201, { url: '/v1/items', method: 'POST', body: { sku: 'NEW', name: 'New' }, ...LOGIN }],
  ['what was changed', 200, { url: '/v1/items/{id}', method: 'PATCH', body: {}, ...LOGIN }],
  ['the own account', 200, { url: '/v1/users/me', ...LOGIN }],
  ['an export', 200, { url: '/v1/items/export' }],
  ['health', 200, { url: '/health/ready' }],
  ['the document', 200, { url: '/openapi.json' }],
  ['the document in YAML', 200, { url: '/openapi.yaml' }],
  ['the documentation', 200, { url: '/docs' }],
  ['a part of it', 200, { url: '/docs/swagger-ui.css' }],
  ['a broken URL', 400, { url: '/v1/items/%zz' }],
  ['a wrong parameter', 400, { url: '/v1/items?limit=0' }],
  [
    'a broken body',
    400,
    { url: '/v1/items', method: 'POST', body: '{', headers: { 'content-type': 'application/json' }, ...LOGIN },
  ],
  ['no login', 401, { url: '/v1/items', method: 'POST', body: {} }],
  ['no right', 403, { url: '/v1/users', ...LOGIN }],
  ['no route', 404, { url: '/nothing' }],
  ['no item', 404, { url: '/v1/items/by-sku/NONE' }],
  ['no method', 405, { url: '/v1/items', method: 'DELETE' }],
  ['no type', 406, { url: '/v1/items', headers: { accept: 'text/html' } }],
  ['a taken SKU', 409, { url: '/v1/items', method: 'POST', body: { sku: 'KNOWN', name: 'K' }, ...LOGIN }],
  ['a stale tag', 412, { url: '/v1/items/{id}', method: 'PATCH', body: {}, headers: { 'if-match': '"x"' }, ...LOGIN }],
  ['too long a body', 413, { url: '/v1/items', method: 'POST', body: { sku: 'x'.repeat(300_000) }, ...LOGIN }],
  ['too long a URL', 414, { url: `/v1/items?q=${'x'.repeat(10_000)}` }],
  [
    'another type',
    415,
    { url: '/v1/items', method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' }, ...LOGIN },
  ],
  ['a wrong body', 422, { url: '/v1/items', method: 'POST', body: {}, ...LOGIN }],
  ['what was deleted', 204, { url: '/v1/items/{id}', method: 'DELETE', ...LOGIN }],
];

describe.each(ANSWERS)('%s', (_name, status, question) => {
  let reply: Reply;
  beforeAll(async () => {
    reply = await ask({ ...question, headers: { ...question.headers, 'x-request-id': `id-of/${status}` } });
  });

  it(`is answered with ${status}`, () =>
    expect({ status: reply.status, text: reply.text }).toEqual({ status, text: reply.text }));

  it('carries its id, the headers that keep browsers tame, and says whether it may be stored', () => {
    const isDocs = question.url.startsWith('/docs') || question.url.startsWith('/openapi');
    expect(reply.headers).toMatchObject({
      'x-request-id': `id-of/${status}`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': isDocs
        ? expect.stringContaining("default-src 'none'")
        : "default-src 'none'; frame-ancestors 'none'",
      'cache-control': expect.stringMatching(isDocs ? /./ : /^(no-store|public, no-cache)$/),
    });
    for (const secret of [
      'x-powered-by',
      'server',
      'set-cookie',
      'strict-transport-security',
      'access-control-allow-origin',
    ])
      expect(reply.headers[secret]).toBeUndefined();
  });

  it('says how long it took', () => {
    expect(reply.headers['server-timing']).toMatch(/^app;dur=\d+(\.\d+)?/);
  });

  it('is a problem if it is a refusal', () => {
    if (status < 400) return;
    expect(reply.headers).toMatchObject({
      'content-type': expect.stringMatching(/^application\/problem\+json(;|$)/),
      'cache-control': 'no-store',
    });
    expect(reply.headers['etag'] === undefined || status === 412).toBe(true);
    expect(reply.body).toMatchObject({
      type: `/docs/problems#${reply.body.code}`,
      title: expect.any(String),
      status,
      detail: expect.stringMatching(/\.$/),
      instance: `id-of/${status}`,
      code: expect.stringMatching(/^[a-z_]+$/),
    });
  });
});

describe('the request id', () => {
  const idOf = async (given?: string) =>
    (await api.get('/v1/items', { headers: given === undefined ? {} : { 'x-request-id': given } })).headers[
      'x-request-id'
    ];

  it.each(['a', '0af7651916cd43dd8448eb211c80319c', 'Root=1-5759e988-bd862e3fe1be46a994272793', 'x'.repeat(128)])(
    'is the caller’s: %.40s',
    async (given) => expect(await idOf(given)).toBe(given),
  );

  it.each([
    '',
    'a b',
    'a\r\nset-cookie: x=1',
    'a\nb',
    'ü',
    '<script>',
    '"',
    'a,b',
    'x'.repeat(129),
    '../../etc/passwd\0',
    '${jndi:x}',
  ])('is a new one instead of %j', async (given) => {
    const made = await idOf(given);
    expect(made).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect(await idOf(given)).not.toBe(made);
  });

  it('is new where none is given', async () => expect(await idOf()).not.toBe(await idOf()));
});

it('behind a proxy that is trusted and speaks TLS, browsers are told to come back by TLS only', async () => {
  const behind = await TestApi.start({ trustProxy: ['127.0.0.1'] });
  try {
    const { headers } = await behind.get('/v1/items', { headers: { 'x-forwarded-proto': 'https' } });
    expect(headers['strict-transport-security']).toMatch(/^max-age=\d{8}/);
  } finally {
    await behind.close();
  }
});

it.each(['/', '/docs/'])('%s leads to the documentation', async (url) => {
  const api = await TestApi.start();
  try {
    expect(await api.get(url)).toMatchObject({ status: 302, headers: { location: '/docs' } });
  } finally {
    await api.close();
  }
});
