// Queries and headers made to be expensive, or to mean something else: answered or refused, soon, and nothing changed.
import { type Asked, type Answered, attack } from '../support/target';

const scene = attack();
let id: string;

beforeAll(async () => {
  const { target, owner } = scene;
  const { body } = await target.api.request('POST', '/v1/items', { as: owner, body: { sku: 'LAMP', name: 'Lamp' } });
  ({ id } = body);
});

const get = (path: string, headers?: Asked['headers']): Promise<Answered> => scene.target.ask('GET', path, { headers });

/** As much of it as is expected. */
const seen = ({ status, body }: Answered, expected: unknown[]) => [status, body?.code].slice(0, expected.length);

describe('words to search for', () => {
  it.each([
    '('.repeat(500),
    '"'.repeat(499),
    'a '.repeat(250),
    'or '.repeat(166),
    '-a '.repeat(166),
    '-'.repeat(500),
    '"a" or -'.repeat(60),
    '\\'.repeat(500),
    "'".repeat(500),
    '&|!():*<->'.repeat(50),
    'a:*'.repeat(166),
    'a'.repeat(500),
    'a-b'.repeat(166),
    'a.b/c?d=e&'.repeat(50),
    'a@b.c '.repeat(83),
    '<a b="c">'.repeat(55),
    '1e1.'.repeat(125),
    '\u{1f989}'.repeat(250),
    '\u202e\u200b\ufeff'.repeat(160),
    'ﷺ'.repeat(500),
    'İ'.repeat(500),
    '%_'.repeat(250),
    '__proto__',
  ])('%.20s… are searched for, soon', async (q) => {
    for (const path of ['/v1/items', '/v1/items/export']) {
      const query = new URLSearchParams({ q, ...(path === '/v1/items' && { count: 'exact' }) });
      const { status, ms } = await scene.target.withstands(() => get(`${path}?${query.toString()}`));
      expect(status).toBe(200);
      expect(ms).toBeLessThan(1_000);
    }
  });
});

it.each([
  "'",
  "lamp' --",
  "' OR '1'='1",
  "') OR true --",
  "lamp'::text) OR (SELECT true FROM pg_sleep(2)) --",
  "'; DROP TABLE items; --",
  "lamp\\' OR 1=1 --",
])('words that would be SQL find nothing, whatever they are asked of: %s', async (text) => {
  const word = encodeURIComponent(text);
  for (const query of [
    `q=%22zzz%22+${word}`,
    `tag=${word}`,
    `sku=${word}`,
    `attr=a:${word}`,
    `attr=${encodeURIComponent(text.replaceAll(':', ''))}:a`,
  ]) {
    const { status, body } = await scene.target.withstands(() => get(`/v1/items?${query}&count=exact`));
    expect([query, status, body.data]).toEqual([query, 200, []]);
  }
});

describe('other parameters', () => {
  const wrong = [400, 'invalid_parameter'] as const;

  it.each<[name: string, query: string, status: number, code?: string]>([
    ['20 attributes of __proto__', 'attr=__proto__:x&'.repeat(20), 200],
    ['an attribute of 8 KB', `attr=a:${'x'.repeat(7_500)}`, 200],
    ['an attribute of colons', `attr=${'a:'.repeat(3_000)}`, 200],
    ['an attribute without a name', 'attr=:x', ...wrong],
    ['21 attributes', 'attr=a:b&'.repeat(21), ...wrong],
    ['fields of __proto__', 'fields=__proto__', ...wrong],
    ['a field 1,500 times', `fields=${'id,'.repeat(1_500)}id`, ...wrong],
    ['nothing but commas', `fields=${','.repeat(7_000)}`, ...wrong],
    ['owners for ever', `include=${'owner,'.repeat(1_000)}owner`, ...wrong],
    ['limit=1e9', 'limit=1e9', ...wrong],
    ['limit=1000000000', 'limit=1000000000', ...wrong],
    ['a limit of 7,000 digits', `limit=${'9'.repeat(7_000)}`, ...wrong],
    ['a limit twice', 'limit=1&limit=100', ...wrong],
    ['a limit as a list', 'limit[]=1', ...wrong],
    ['2,500 unknown ones', Array.from({ length: 1_200 }, (_, n) => `p${n}=`).join('&'), ...wrong],
    ['__proto__[limit]', '__proto__[limit]=1', ...wrong],
    ['constructor.prototype', 'constructor.prototype.limit=1', ...wrong],
    ['a semicolon', 'limit=1;sort=name', ...wrong],
    ['a plus in a number', 'limit=+1', ...wrong],
    ['NUL', 'sku=a%00b', ...wrong],
    ['a bare %', 'q=%', 400, 'malformed_request'],
    ['CR and LF', 'sku=a%0d%0aSet-Cookie:%20x=y', 200],
    ['a cursor of 4,000 letters', `cursor=${'A'.repeat(4_000)}`, ...wrong],
    ['a cursor of JSON', `cursor=${Buffer.from('[0,"x","y"]').toString('base64url')}`, ...wrong],
    ['a cursor of __proto__', 'cursor=__proto__', ...wrong],
    ['101 ids', `x=${'a,'.repeat(100)}`, ...wrong],
  ])('%s', async (_name, query, ...expected) => {
    const answer = await scene.target.withstands(() => get(`/v1/items?${query}`));
    expect(seen(answer, expected)).toEqual(expected);
    expect(answer.ms).toBeLessThan(1_000);
  });

  it('a cursor with one bit turned is refused, whichever', async () => {
    const { target, owner } = scene;
    for (const sku of ['B', 'C', 'D'])
      await target.api.request('POST', '/v1/items', { as: owner, body: { sku, name: sku } });
    const cursor: string = (await target.api.get('/v1/items?limit=2')).body.page.next;
    const bytes = Buffer.from(cursor, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 5) {
      const forged = Buffer.from(bytes);
      forged[bit >> 3] = (forged[bit >> 3] as number) ^ (1 << (bit & 7));
      const reply = await target.api.get(`/v1/items?limit=2&cursor=${forged.toString('base64url')}`);
      expect(reply).toMatchObject({ status: 400, sql: 0, body: { code: 'invalid_parameter' } });
    }
  });
});

describe('headers', () => {
  const wrong = [400, 'invalid_parameter'] as const;

  it.each<[name: string, headers: Record<string, string>, status: number, code?: string]>([
    ['3,000 entity tags', { 'if-none-match': '"a", '.repeat(3_000) }, 200],
    ['14,000 commas', { 'if-none-match': ','.repeat(14_000) }, 200],
    ['an entity tag without an end', { 'if-none-match': `"${'a'.repeat(14_000)}` }, 200],
    ['4,000 media types', { accept: `${'a/b,'.repeat(3_500)}*/*` }, 200],
    ['14,000 blanks in a media type', { accept: `application/json${' '.repeat(14_000)}x` }, 406, 'not_acceptable'],
    ['4,000 encodings', { 'accept-encoding': 'gzip;q=0.1,'.repeat(1_300) }, 200],
    ['a token of the far future', { 'consistency-token': '9007199254740991' }, ...wrong],
    ['a token of 14,000 digits', { 'consistency-token': '9'.repeat(14_000) }, ...wrong],
    ['a request id of 14,000 letters', { 'x-request-id': 'x'.repeat(14_000) }, 200],
    ['14,000 letters of a cookie', { cookie: 'a='.repeat(7_000) }, 200],
    ['a range of everything', { range: `bytes=${'0-,'.repeat(4_500)}0-` }, 200],
    ['5,000 proxies', { 'x-forwarded-for': '1.1.1.1,'.repeat(1_800) }, 200],
  ])('%s', async (_name, headers, ...expected) => {
    for (const path of ['/v1/items', `/v1/items/${id}`]) {
      const answer = await scene.target.withstands(() => get(path, headers));
      expect(seen(answer, expected)).toEqual(expected);
    }
  });

  it.each<[name: string, headers: Record<string, string>, status: number, code: string]>([
    ['3,000 entity tags', { 'if-match': `${'"a", '.repeat(2_700)}"a"` }, 412, 'precondition_failed'],
    ['an entity tag that is none', { 'if-match': 'a'.repeat(14_000) }, ...wrong],
    ['a weak entity tag', { 'if-match': 'W/"1"' }, 412, 'precondition_failed'],
    ['a merge that nobody knows', { 'content-type': 'application/json-patch+json' }, 415, 'unsupported_media_type'],
    ['a packed body', { 'content-encoding': 'gzip' }, 415, 'unsupported_media_type'],
  ])('of a write: %s', async (_name, more, status, code) => {
    const { target, owner: as } = scene;
    const headers = { 'content-type': 'application/json', ...more };
    const patch = () => target.ask('PATCH', `/v1/items/${id}`, { as, headers, body: '{"name":"Changed"}' });
    expect(await target.withstands(patch)).toMatchObject({ status, body: { code } });
  });

  it('300 reads that wait for a write that never was are told so, and keep nobody waiting', async () => {
    const headers = { 'consistency-token': '9007199254740991' };
    const answers = await scene.target.withstands(
      () =>
        Promise.all([
          get('/v1/items'),
          ...Array.from({ length: 300 }, () => get('/v1/items', headers)),
          get(`/v1/items/${id}`),
        ]),
      // Of 300 requests in one packet.
      () => 100,
    );
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(300);
    expect([answers[0]?.status, answers.at(-1)?.status]).toEqual([200, 200]);
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(2_000);
  });
});

describe('an Idempotency-Key', () => {
  const post = (key: string | string[], name = 'Once', as = scene.owner) =>
    scene.target.api.request('POST', '/v1/items', {
      as,
      body: { sku: `once-${name}`, name },
      headers: { 'idempotency-key': key as string },
    });

  it.each<[name: string, key: string | string[]]>([
    ['nothing', ''],
    ['256 letters', 'x'.repeat(256)],
    ['14,000 letters', 'x'.repeat(14_000)],
    ['blanks', 'a b'],
    ['two', ['a', 'b']],
    ['letters of elsewhere', '\u00e9'],
  ])('of %s is refused by name', async (_name, key) => {
    expect(await post(key)).toMatchObject({ status: 400, sql: 0, body: { code: 'invalid_parameter' } });
  });

  it('of another user, or in SQL, is a key like any other', async () => {
    const other = await scene.target.api.createAccount();
    const key = "'/**/OR/**/1=1--";
    const mine = await post(key, 'Mine');
    const theirs = await post(key, 'Theirs', other);
    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(theirs.body).toMatchObject({ name: 'Theirs', ownerId: other.id });
    expect(await post(key, 'Else')).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  });
});
