// Answers that are written in front of the router must not differ from those that come from behind it.
import { connect } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { ChangeFeed } from '@app/database';
import { Metrics } from '@app/telemetry';
import { type Account, TestApi } from '../support/api';
import { Wire, type Wired } from '../support/wire';

const OWN_TO_EACH = ['x-request-id', 'server-timing', 'cache-status', 'date'];
const READS = [
  '/v1/items/{id}',
  '/v1/items/by-sku/LAMP%2F1',
  '/v1/items/batch?ids={id}',
  '/v1/items?include=owner&count=exact',
  '/v1/users/{owner}',
];
const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let api: TestApi;
let wire: Wire;
let owner: Account;
let id: string;

beforeAll(async () => {
  api = await TestApi.start({ corsOrigins: ['https://shop.example'], trustProxy: ['127.0.0.0/8'] });
  wire = await Wire.open(api);
  owner = await api.createAccount();
  const item = { sku: 'LAMP/1', name: 'Läämp 🦉', description: 'é'.repeat(1_500), tags: ['x'] };
  id = (await api.request('POST', '/v1/items', { as: owner, body: item })).body.id;
});

afterAll(async () => {
  wire.close();
  await api.close();
});

const url = (template: string) => template.replace('{id}', id).replace('{owner}', owner.id);
const rest = ({ headers }: Wired) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN_TO_EACH.includes(name)));
const isHit = ({ headers }: Wired) => headers['cache-status'] === 'floodgate; hit';

/** Asks until the answer comes from memory. */
async function hit(template: string, headers: Record<string, string> = {}): Promise<Wired> {
  await wire.get(url(template), headers);
  const answer = await wire.get(url(template), headers);
  expect(isHit(answer)).toBe(true);
  return answer;
}

/** Asks until the form that is made in the background is there. */
async function compressedHit(template: string, acceptEncoding: string): Promise<Wired> {
  for (;;) {
    const answer = await wire.get(url(template), { 'accept-encoding': acceptEncoding });
    if (answer.headers['content-encoding'] !== undefined) return answer;
  }
}

describe.each(READS)('%s', (template) => {
  it('is the second time what it was the first time, byte by byte, and costs nothing', async () => {
    const origins: Record<string, string>[] = [
      {},
      { origin: 'https://shop.example' },
      { origin: 'https://evil.example' },
    ];
    for (const headers of origins) {
      await api.forget();
      const made = await wire.get(url(template), headers);
      const kept = await wire.get(url(template), headers);
      expect(made.headers['cache-status']).toBe('floodgate; fwd=uri-miss; stored');
      expect(isHit(kept)).toBe(true);
      expect(made.sql).toBeGreaterThan(0);
      expect(kept.sql).toBe(0);
      expect(kept.bytes.equals(made.bytes)).toBe(true);
      expect(rest(kept)).toEqual(rest(made));
      expect(kept.headers['x-request-id']).toMatch(UUID7);
      expect(kept.headers['x-request-id']).not.toBe(made.headers['x-request-id']);
    }
  });

  it('answers HEAD, and 304 to whoever has it', async () => {
    const whole = await hit(template);
    const head = await wire.send('HEAD', url(template));
    expect(isHit(head)).toBe(true);
    expect(head.bytes).toHaveLength(0);
    expect(rest(head)).toEqual(rest(whole));
    const etag = whole.headers.etag as string;
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const unchanged = await wire.get(url(template), { 'if-none-match': known });
      expect({ known, status: unchanged.status, isHit: isHit(unchanged), sql: unchanged.sql }).toEqual({
        known,
        status: 304,
        isHit: true,
        sql: 0,
      });
      expect(unchanged.headers.etag).toBe(etag);
      expect(unchanged.headers['content-length']).toBeUndefined();
    }
    for (const other of ['"other"', etag.replaceAll('"', ''), ''])
      expect((await wire.get(url(template), { 'if-none-match': other })).status).toBe(200);
  });
});

describe('compressed forms', () => {
  const template = '/v1/items/{id}';

  it.each([
    ['br', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
    ['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
    ['br;q=0.1, gzip', 'gzip', gunzipSync],
    ['*', 'br', brotliDecompressSync],
  ])('for Accept-Encoding %s it is %s, the same state under another tag', async (accepted, encoding, decode) => {
    const plain = await hit(template);
    const packed = await compressedHit(template, accepted);
    expect(packed.headers).toMatchObject({
      'content-encoding': encoding,
      vary: expect.stringContaining('Accept-Encoding'),
    });
    expect(packed.headers['content-length']).toBe(String(packed.bytes.length));
    expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 2);
    expect(decode(packed.bytes).equals(plain.bytes)).toBe(true);
    const etag = packed.headers.etag as string;
    expect(etag).toBe((plain.headers.etag as string).replace(/"$/, `-${encoding}"`));
    for (const headers of [{ 'accept-encoding': accepted }, {}] as Record<string, string>[]) {
      const unchanged = await wire.get(url(template), { ...headers, 'if-none-match': etag });
      expect(unchanged).toMatchObject({ status: 304, headers: { etag } });
    }
  });

  it.each(['identity', 'gzip;q=0, br;q=0', 'deflate', '', 'gzip;q=0, identity'])(
    'for Accept-Encoding %j it stays plain',
    async (accepted) => {
      const { headers } = await hit(template, { 'accept-encoding': accepted });
      expect(headers['content-encoding']).toBeUndefined();
    },
  );

  it('are accepted as If-Match of a change', async () => {
    const { headers } = await compressedHit(template, 'br');
    const ask = { as: owner, headers: { 'if-match': headers.etag as string }, body: { stock: 3 } };
    expect((await api.request('PATCH', url(template), ask)).status).toBe(200);
    expect((await api.request('PATCH', url(template), ask)).status).toBe(412);
  });
});

describe('whatever is unusual about a request', () => {
  const template = '/v1/items/{id}';

  it.each([
    ['text/html', 406],
    ['text/html, */*;q=0.1', 200],
    ['application/json;q=0', 406],
    ['application/json', 200],
    ['text/plain, application/json', 200],
  ])('Accept: %s is answered with %i', async (accept, status) => {
    await hit(template);
    expect((await wire.get(url(template), { accept })).status).toBe(status);
  });

  it('a request id is the caller’s if it is fit', async () => {
    await hit(template);
    expect((await wire.get(url(template), { 'x-request-id': 'mine-1' })).headers['x-request-id']).toBe('mine-1');
    expect((await wire.get(url(template), { 'x-request-id': 'a b' })).headers['x-request-id']).toMatch(UUID7);
  });

  it('behind TLS of a trusted proxy it says so', async () => {
    await hit(template);
    for (const [proto, expected] of [
      ['https', 'max-age=31536000; includeSubDomains'],
      ['http', undefined],
    ] as const) {
      const answer = await wire.get(url(template), { 'x-forwarded-proto': proto });
      expect(isHit(answer)).toBe(true);
      expect(answer.headers['strict-transport-security']).toBe(expected);
    }
  });

  it('a body with a GET, and another method, go to the router', async () => {
    await hit(template);
    const withBody = await wire.send('GET', url(template), {
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect(withBody.status).toBe(200);
    expect((await wire.send('POST', url(template))).status).toBe(405);
    expect((await hit(template)).status).toBe(200);
  });

  it('several requests in one piece are answered in order, and the last may close', async () => {
    await hit(template);
    const head = `GET ${url(template)} HTTP/1.1\r\nHost: x\r\nX-Request-Id: `;
    const socket = connect(wire.port, '127.0.0.1');
    socket.write(`${head}r1\r\n\r\n${head}r2\r\nIf-None-Match: *\r\n\r\n${head}r3\r\nConnection: close\r\n\r\n`);
    let text = '';
    for await (const chunk of socket.setEncoding('utf8')) text += chunk as string;
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '304', '200']);
    expect([...text.matchAll(/x-request-id: (\w+)/g)].map(([, requestId]) => requestId)).toEqual(['r1', 'r2', 'r3']);
    expect(text.match(/Connection: close/gi)).toHaveLength(1);
  });

  it('one question in several spellings is kept once', async () => {
    await api.forget();
    await wire.get('/v1/items?sort=name&limit=20');
    for (const spelling of ['/v1/items?sort=name', '/v1/items?limit=20&sort=name', '/v1/items?sort=n%61me&count=none'])
      expect((await wire.get(spelling)).headers['cache-status']).toBe('floodgate; hit');
    expect((await wire.get('/v1/items?sort=-name')).headers['cache-status']).toMatch(/fwd/);
    expect((await wire.get('/v1/items?sort=name&nonce=1')).status).toBe(400);
  });
});

it('an answer about a table whose changes nobody logs is not kept', async () => {
  const unlogged = jest.spyOn(ChangeFeed.prototype, 'loggedTables', 'get').mockReturnValue(new Set());
  try {
    for (let time = 0; time < 3; time++) expect(isHit(await wire.get('/v1/items?limit=1&q=unlogged'))).toBe(false);
  } finally {
    unlogged.mockRestore();
  }
  await hit('/v1/items?limit=1&q=unlogged');
});

it('kept answers are counted like any other', async () => {
  await hit('/v1/items/{id}');
  const text = await api.app.get(Metrics).text();
  const [, count] =
    /http_request_duration_seconds_count\{method="GET",route="\/v1\/items\/:id",status="304"\} (\d+)/.exec(text) ?? [];
  expect(Number(count)).toBeGreaterThan(5);
  expect(text).toMatch(/cache_requests_total\{cache="answers",outcome="memory"\} [1-9]/);
});
