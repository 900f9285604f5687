// Bodies made to be expensive: each is refused, changes nothing, and keeps the event loop no longer than an ordinary one.
import { gzipSync } from 'node:zlib';
import { maxTurnMs } from '../support/loop-probe';
import { allowedMs } from '../support/slowness';
import { type Answered, attack } from '../support/target';

const KIB = 1_024;
const MIB = 1_024 * KIB;

const scene = attack();

const post = (path: string, body: string | Buffer, headers: Record<string, string>): Promise<Answered> =>
  scene.target.ask('POST', path, { as: scene.owner, headers, body });

const JSON_TYPE = { 'content-type': 'application/json' };
const many = (count: number, one: (n: number) => string) => Array.from({ length: count }, (_, n) => one(n)).join(',');
const item = (more: string) => `{"sku":"a","name":"b",${more}}`;

describe('JSON', () => {
  const malformed = [400, 'malformed_body'] as const;
  const wrong = [422, 'invalid_body'] as const;
  const tooLarge = [413, 'body_too_large'] as const;

  it.each<[name: string, body: string, status: number, code: string, path?: string]>([
    ['40 deep', item(`"attributes":{"a":${'['.repeat(40)}${']'.repeat(40)}}`), ...malformed],
    ['130,000 deep', '['.repeat(130_000) + ']'.repeat(130_000), ...malformed],
    ['50,000 objects deep, never closed', '{"a":'.repeat(50_000), ...malformed],
    ['5 MB wide', `{${many(400_000, (n) => `"f${n}":1`)}}`, ...tooLarge],
    ['5 MB of one word', item(`"description":"${'x'.repeat(5 * MIB)}"`), ...tooLarge],
    ['256 KB of fields', `{${many(20_000, (n) => `"f${n}":1`)}}`, ...wrong],
    ['256 KB of numbers', `[${many(120_000, () => '1')}]`, ...wrong],
    ['256 KB of objects', `[${many(80_000, () => '{}')}]`, ...wrong],
    ['256 KB of tags', item(`"tags":[${many(80_000, () => '""')}]`), ...wrong],
    ['256 KB of different tags', item(`"tags":[${many(30_000, String)}]`), ...wrong],
    ['256 KB of attributes', item(`"attributes":{${many(18_000, (n) => `"f${n}":{}`)}}`), ...wrong],
    ['256 KB of escapes', `{"sku":"a","name":"${'\\u0000'.repeat(42_000)}"}`, ...wrong],
    ['256 KB of half characters', `{"sku":"a","name":"${'\\ud800'.repeat(42_000)}"}`, ...wrong],
    ['256 KB of one field', `{${many(25_000, () => '"sku":"x"')}}`, ...wrong],
    ['a number of 200,000 digits', item(`"stock":${'9'.repeat(200_000)}`), ...wrong],
    ['an exponent of 200,000 digits', item(`"stock":1e${'9'.repeat(200_000)}`), ...wrong],
    ['200,000 blanks', `${' '.repeat(200_000)}x`, ...malformed],
    ['a comma at the end of 256 KB', `[${'1,'.repeat(120_000)}]`, ...malformed],
    ['80,000 operations', `{"operations":[${many(80_000, () => '{}')}]}`, ...wrong, '/v1/items/batch'],
    [
      '1,000 operations that are wrong',
      `{"operations":[${many(1_000, () => '{"op":"create","item":{"price":-1}}')}]}`,
      ...wrong,
      '/v1/items/batch',
    ],
    [
      'a long password',
      `{"email":"${'a'.repeat(120_000)}@","password":"${'x'.repeat(120_000)}"}`,
      ...wrong,
      '/v1/auth/login',
    ],
    ['a long address', `{"email":"a@${'a.'.repeat(120_000)}","password":"x"}`, ...wrong, '/v1/auth/login'],
  ])('%s', async (_name, body, status, code, path = '/v1/items') => {
    const answer = await scene.target.withstands(() => post(path, body, JSON_TYPE));
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.errors?.length ?? 0).toBeLessThanOrEqual(100);
  });
});

describe('a form', () => {
  it.each([
    ['60,000 fields', 'a=b&'.repeat(60_000)],
    ['60,000 empty fields', '&'.repeat(250_000)],
    ['nothing but %', '%'.repeat(250_000)],
    ['__proto__', '__proto__=x&__proto__[isAdmin]=true&constructor=x&username=a&password=b'],
  ])('of %s', async (_name, body) => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await scene.target.withstands(() => post('/v1/auth/token', body, type));
    expect([400, 401]).toContain(answer.status);
  });
});

describe('an import', () => {
  /** A gzip may have many members (RFC 1952, section 2.2), so that about a mebibyte of whole units is packed once. */
  function packed(unit: string, head = ''): Buffer {
    const size = unit.length * Math.ceil(MIB / unit.length);
    const member = gzipSync(Buffer.alloc(size, unit));
    const last = gzipSync(Buffer.alloc((100 * MIB) % size, unit));
    return Buffer.concat([gzipSync(head), ...Array<Buffer>(Math.floor((100 * MIB) / size)).fill(member), last]);
  }

  /** Half of the turns while it lasts, since that is long enough for the collection of garbage. */
  async function withstands(body: Buffer, type: string): Promise<Answered> {
    const { target } = scene;
    await target.longestTurnMs();
    const turns: number[] = [];
    const looking = setInterval(() => void target.longestTurnMs().then((ms) => turns.push(ms)), 50);
    try {
      return await post('/v1/items/import', body, { 'content-type': type, 'content-encoding': 'gzip' });
    } finally {
      clearInterval(looking);
      const median = turns.sort((a, b) => a - b)[Math.floor(turns.length / 2)] ?? 0;
      expect(median).toBeLessThanOrEqual(maxTurnMs(median));
    }
  }

  it.each<[name: string, unit: string, head: string, type: string, status: number]>([
    ['blank lines', '\n', '', 'application/x-ndjson', 413],
    ['lines of a digit', '1\n', '', 'application/x-ndjson', 413],
    ['empty objects', '{}\n', '', 'application/x-ndjson', 413],
    ['one line', ' ', '', 'application/x-ndjson', 200],
    ['blank rows', '\n', 'sku,name\n', 'text/csv', 413],
    ['rows of nothing', ',\n', 'sku,name\n', 'text/csv', 413],
    ['a cell without an end', '"', 'sku,name\n"', 'text/csv', 413],
    ['quotes that are never closed', `x"${'\n'.repeat(11_900)}`, 'sku,name\n', 'text/csv', 413],
    ['rows of 300,000 cells', `${','.repeat(300_000)}\n`, 'sku,name\n', 'text/csv', 413],
  ])(
    'of 100 MiB of %s, packed, is over in seconds',
    async (_name, unit, head, type, status) => {
      const body = packed(unit, head);
      expect(body.length).toBeLessThan(130 * KIB);
      const answer = await withstands(body, type);
      expect(answer.status).toBe(status);
      // Alone it takes 0.2 to 6 s; without the bound, minutes.
      expect(answer.ms).toBeLessThanOrEqual(allowedMs(20_000, answer.ms));
    },
    60_000,
  );

  it.each([
    ['noise', Buffer.from('not gzip at all')],
    ['half a gzip', gzipSync('{"sku":"a","name":"b"}\n').subarray(0, 20)],
    ['a gzip in a gzip', gzipSync(gzipSync('{"sku":"a","name":"b"}\n'))],
    ['nothing', gzipSync('')],
  ])('of %s creates nothing', async (_name, body) => {
    const type = { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' };
    const answer = await scene.target.withstands(() => post('/v1/items/import', body, type));
    expect(answer.status === 200 ? answer.body.rejected : answer.body.code).toEqual(
      answer.status === 200 ? expect.any(Number) : 'malformed_body',
    );
  });

  it.each(['br', 'deflate', 'gzip, gzip', 'x-gzip', 'compress', ''])('packed with %j is refused', async (encoding) => {
    const type = { 'content-type': 'application/x-ndjson', 'content-encoding': encoding };
    const answer = await scene.target.withstands(() => post('/v1/items/import', gzipSync('{}'), type));
    expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_media_type']);
  });
});
