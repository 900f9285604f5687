// Each bad request gets the 4xx it deserves and a problem that names what is wrong; nothing changes, nothing leaks.
import { createHmac } from 'node:crypto';
import { type Account, type Ask, type Reply, TestApi } from '../support/api';
import { digestOf } from '../support/stored';

const UNKNOWN = '01941f29-7c00-7a3b-9c4d-000000000000';
const JSON_TYPE = { 'content-type': 'application/json' };
const LEAK = /node_modules|\\n +at |\.[jt]s:\d|SELECT |INSERT |UPDATE |syntax error|relation "|QueryFailed|pg_|"stack"/;

interface Expected {
  status: number;
  code: string;
  /** JSON Pointer or parameter that the problem must name. */
  names?: string;
}
type Case = [name: string, ask: Ask & { method?: string; url?: string }, expected: Expected];

const malformed: Expected = { status: 400, code: 'malformed_body' };
const wrong = (names: string): Expected => ({ status: 422, code: 'invalid_body', names });
const parameter = (names: string): Expected => ({ status: 400, code: 'invalid_parameter', names });
const text = (body: string | Buffer, headers: Record<string, string> = JSON_TYPE): Ask => ({ body, headers });
const item = (more: object): Ask => ({ body: { sku: 'BAD', name: 'Bad', ...more } });
const list = (query: Record<string, string | string[]>): Ask & { url: string; method: string } => ({
  method: 'GET',
  url: '/v1/items',
  query,
});
const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);

let api: TestApi;
let owner: Account;
let known: { id: string; sku: string };

beforeAll(async () => {
  api = await TestApi.start();
  owner = await api.createAccount();
  known = (await api.request('POST', '/v1/items', { as: owner, body: { sku: 'KNOWN', name: 'Known' } })).body;
});

afterAll(() => api.close());

async function refuses([, { method = 'POST', url = '/v1/items', ...ask }, expected]: Case): Promise<Reply> {
  const before = await digestOf(api);
  const reply = await api.request(method, url, { as: owner, ...ask });
  expect(await digestOf(api)).toEqual(before);
  const { status, code, names } = expected;
  expect({ status: reply.status, code: reply.body?.code, detail: reply.body?.detail }).toEqual({
    status,
    code,
    detail: expect.any(String),
  });
  expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(reply.body.instance).toBe(reply.headers['x-request-id']);
  if (names !== undefined)
    expect(
      reply.body.errors.map((one: { pointer?: string; parameter?: string }) => one.pointer ?? one.parameter),
    ).toContain(names);
  expect(reply.text).not.toMatch(LEAK);
  expect(reply.text.length).toBeLessThan(100_000);
  return reply;
}

describe('bodies that are not JSON', () => {
  it.each<Case>([
    ['cut off', text('{"sku": "BAD"'), malformed],
    ['with a trailing comma', text('{"sku": "BAD",}'), malformed],
    ['in single quotes', text("{'sku': 'BAD'}"), malformed],
    ['followed by more', text('{"sku": "BAD", "name": "N"} {}'), malformed],
    ['with a raw line break', text('{"sku": "BAD", "name": "a\nb"}'), malformed],
    ['a bare word', text('NaN'), malformed],
    ['a NUL', text('\0'), malformed],
    ['blanks', text(' \n'), malformed],
    ['nothing', text(''), malformed],
    ['nothing, without a type', {}, malformed],
    ['null', text('null'), malformed],
    ['40 levels deep', text(`{"sku": "BAD", "name": "N", "attributes": {"a": ${nested(40, '[', ']')}}}`), malformed],
    ['100,000 levels deep', text(nested(100_000, '[', ']')), malformed],
    ['100,000 objects deep, never closed', text('{"a":'.repeat(50_000)), malformed],
    ['invalid UTF-8', text(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), malformed],
    [
      'UTF-8 of a surrogate',
      text(Buffer.concat([Buffer.from('{"sku":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')])),
      malformed,
    ],
    ['UTF-16', text(Buffer.from('{"sku": "BAD", "name": "N"}', 'utf16le')), malformed],
    ['reaching for __proto__', text('{"sku": "BAD", "name": "N", "__proto__": {"isAdmin": true}}'), malformed],
    ['reaching for it inside', text('{"sku": "BAD", "name": "N", "attributes": {"__proto__": "x"}}'), malformed],
    ['reaching for it in disguise', text('{"sku": "BAD", "name": "N", "\\u005f_proto__": {}}'), malformed],
    [
      'reaching for constructor.prototype',
      text('{"sku": "BAD", "name": "N", "constructor": {"prototype": {}}}'),
      malformed,
    ],
    ['of text/plain', text('{}', { 'content-type': 'text/plain' }), { status: 415, code: 'unsupported_media_type' }],
    [
      'a form',
      text('sku=BAD&name=N', { 'content-type': 'application/x-www-form-urlencoded' }),
      { status: 415, code: 'unsupported_media_type' },
    ],
    [
      'a multipart form',
      text('--x--', { 'content-type': 'multipart/form-data; boundary=x' }),
      { status: 415, code: 'unsupported_media_type' },
    ],
    ['of no type', text('{}', {}), { status: 415, code: 'unsupported_media_type' }],
    ['of a broken type', text('{}', { 'content-type': ';;' }), { status: 415, code: 'unsupported_media_type' }],
    [
      'packed',
      text('{}', { ...JSON_TYPE, 'content-encoding': 'gzip' }),
      { status: 415, code: 'unsupported_media_type' },
    ],
    [
      'of 257 KiB',
      text(`{"sku": "BAD", "name": "${'x'.repeat(257 * 1024)}"}`),
      { status: 413, code: 'body_too_large' },
    ],
  ])('%s', async (...one) => {
    const { status, headers } = await refuses(one);
    if (status === 415 && one[0] !== 'packed') expect(headers['accept']).toBe('application/json');
  });
});

describe('bodies that are JSON and wrong', () => {
  it.each<Case>([
    ['a list', { body: [] }, wrong('')],
    ['a number', text('7'), wrong('')],
    ['text', text('"{}"'), wrong('')],
    ['an empty object', { body: {} }, wrong('/sku')],
    ...[
      'role',
      'ownerId',
      'version',
      'id',
      'createdAt',
      'search',
      'owner_id',
      'Name',
      'toString',
      'hasOwnProperty',
      'constructor',
    ].map((name): Case => [`with ${name}`, item({ [name]: owner?.id ?? 'x' }), wrong(`/${name}`)]),
    ['with an odd name', item({ 'a/b~c': 1 }), wrong('/a~1b~0c')],
    ...['sku', 'name', 'description', 'currency'].flatMap((name): Case[] => [
      [`NUL in ${name}`, item({ [name]: 'a\0b' }), wrong(`/${name}`)],
      [`half a character in ${name}`, text(`{"sku": "BAD", "name": "N", "${name}": "\\ud83e"}`), wrong(`/${name}`)],
      [`the other half in ${name}`, text(`{"sku": "BAD", "name": "N", "${name}": "\\udd89a"}`), wrong(`/${name}`)],
    ]),
    ['NUL in a tag', item({ tags: ['ok', 'a\0'] }), wrong('/tags/1')],
    ['NUL in an attribute', item({ attributes: { a: '\0' } }), wrong('/attributes/a')],
    ['NUL in an attribute’s name', item({ attributes: { 'a\0': 1 } }), wrong('/attributes/a\0')],
    [
      'half a character in one',
      text('{"sku": "BAD", "name": "N", "attributes": {"\\ud800": "x"}}'),
      wrong('/attributes/\ud800'),
    ],
    ...[-1, 1.5, '1', true, [], {}, 2 ** 53].map((price): Case => [
      `the price ${JSON.stringify(price)}`,
      item({ price, currency: 'EUR' }),
      wrong('/price'),
    ]),
    ['an endless price', text('{"sku": "BAD", "name": "N", "price": 1e999, "currency": "EUR"}'), wrong('/price')],
    ['a price without a currency', item({ price: 1 }), wrong('/currency')],
    ['a currency without a price', item({ currency: 'EUR' }), wrong('/price')],
    ['an unknown currency', item({ price: 1, currency: 'EUX' }), wrong('/currency')],
    ['a small currency', item({ price: 1, currency: 'eur' }), wrong('/currency')],
    ['too much stock', item({ stock: 2 ** 31 }), wrong('/stock')],
    ['too long a SKU', item({ sku: 'x'.repeat(65) }), wrong('/sku')],
    ['an empty SKU', item({ sku: '' }), wrong('/sku')],
    ['too long a name', item({ name: 'x'.repeat(321) }), wrong('/name')],
    ['too long a description', item({ description: 'x'.repeat(10_001) }), wrong('/description')],
    ['too many tags', item({ tags: Array.from({ length: 101 }, (_, n) => `${n}`) }), wrong('/tags')],
    ['too long a tag', item({ tags: ['x'.repeat(129)] }), wrong('/tags/0')],
    ['tags that are text', item({ tags: 'a,b' }), wrong('/tags')],
    ['attributes in a list', item({ attributes: [] }), wrong('/attributes')],
    ['an attribute that is an object', item({ attributes: { a: {} } }), wrong('/attributes/a')],
    [
      'too many attributes',
      item({ attributes: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [n, n])) }),
      wrong('/attributes'),
    ],
    [
      'a hundred thousand unknown fields',
      { body: Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`f${n}`, 1])) },
      wrong('/f0'),
    ],
  ])('%s', async (...one) => void (await refuses(one)));

  it('names all that is wrong at once', async () => {
    const { body } = await refuses(['', { body: { name: '', price: -1, tags: [1, ''], x: 1 } }, wrong('/sku')]);
    expect(
      body.errors.map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`).sort(),
    ).toEqual([
      '/name too_short',
      '/price out_of_range',
      '/sku required',
      '/tags/0 wrong_type',
      '/tags/1 too_short',
      '/x unknown',
    ]);
  });
});

describe('parameters', () => {
  it.each<Case>([
    ...['0', '101', 'abc', '', '-1', '1.5', '1e1', '0x10', ' 5', '+5', '٥', '1e9', '9'.repeat(400)].map(
      (limit): Case => [`limit=${limit.slice(0, 9)}`, list({ limit }), parameter('limit')],
    ),
    ['two limits', list({ limit: ['1', '2'] }), parameter('limit')],
    ['a forged cursor', list({ cursor: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }), parameter('cursor')],
    ...['password', 'passwordHash', 'name,price', 'createdAt; DROP TABLE items', '--createdAt', 'constructor', ''].map(
      (sort): Case => [`sort=${sort}`, list({ sort }), parameter('sort')],
    ),
    ['two sorts', list({ sort: ['name', 'price'] }), parameter('sort')],
    ['fields that are none', list({ fields: 'id,passwordHash' }), parameter('fields')],
    ['fields of others', list({ fields: 'search' }), parameter('fields')],
    ['include', list({ include: 'password' }), parameter('include')],
    ['count', list({ count: 'all' }), parameter('count')],
    ['an unknown one', list({ page: '2' }), parameter('page')],
    ['__proto__', list({ __proto__x: '1', ['__proto__']: '1' }), parameter('__proto__x')],
    ['brackets', list({ 'limit[$gt]': '1' }), parameter('limit[$gt]')],
    ['one in other letters', list({ Limit: '5' }), parameter('Limit')],
    ['NUL in q', list({ q: 'a\0b' }), parameter('q')],
    ['an empty q', list({ q: '' }), parameter('q')],
    ['two qs', list({ q: ['a', 'b'] }), parameter('q')],
    ['too long a q', list({ q: 'x'.repeat(501) }), parameter('q')],
    ['too many tags', list({ tag: Array<string>(21).fill('a') }), parameter('tag')],
    ['NUL in a SKU', list({ sku: ['a', '\0'] }), parameter('sku')],
    ['ownerId', list({ ownerId: '7' }), parameter('ownerId')],
    ['priceMin', list({ priceMin: '-1' }), parameter('priceMin')],
    ['priceMax', list({ priceMax: '9007199254740993' }), parameter('priceMax')],
    ['currency', list({ currency: 'eur' }), parameter('currency')],
    ['stockMin', list({ stockMin: '2147483648' }), parameter('stockMin')],
    ['attr', list({ attr: 'no colon' }), parameter('attr')],
    ...[
      'yesterday',
      '2026-02-30T00:00:00Z',
      '2026-01-01',
      '2026-01-01T00:00:00',
      '2026-13-01T00:00:00Z',
      '2026-01-01T00:00:00+23:59',
      '2026-01-01T00:00:00-16:00',
      '2026-01-01T24:00:01Z',
      '0000-01-01T00:00:00Z',
      '2026-01-01T23:59:60Z',
      '٢026-01-01T00:00:00Z',
    ].map((updatedSince): Case => [`updatedSince=${updatedSince}`, list({ updatedSince }), parameter('updatedSince')]),
    ['an id that is none', { method: 'GET', url: '/v1/items/7' }, parameter('id')],
    ['an id with more', { method: 'DELETE', url: `/v1/items/${UNKNOWN}%20` }, parameter('id')],
    ['an id in braces', { method: 'PATCH', url: `/v1/items/{${UNKNOWN}}`, body: {} }, parameter('id')],
    ['a query where there is none', { url: '/v1/items?x=1', body: {} }, parameter('x')],
    [
      'a broken escape in the path',
      { method: 'GET', url: '/v1/items/%zz' },
      { status: 400, code: 'malformed_request' },
    ],
    [
      'half a character in the path',
      { method: 'GET', url: '/v1/items/by-sku/%ED%A0%80' },
      { status: 400, code: 'malformed_request' },
    ],
    [
      'a broken escape in the query',
      { method: 'GET', url: '/v1/items?q=%' },
      { status: 400, code: 'malformed_request' },
    ],
    [
      'half a character in the query',
      { method: 'GET', url: '/v1/items?tag=%ED%A0%80' },
      { status: 400, code: 'malformed_request' },
    ],
    ['bytes that are no UTF-8', { method: 'GET', url: '/v1/items?q=%ff' }, { status: 400, code: 'malformed_request' }],
    ['10,000 characters', list({ q: 'x'.repeat(10_000) }), { status: 414, code: 'uri_too_long' }],
    ['a thousand parameters', { method: 'GET', url: `/v1/items?${'a=&'.repeat(1_000)}` }, parameter('a')],
  ])('%s', async (...one) => void (await refuses(one)));
});
