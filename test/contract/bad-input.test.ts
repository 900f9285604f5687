// Bodies that are malformed or wrong: 400, 413, 415 or 422, and a problem that names the field.
import { Readable } from 'node:stream';
import { type Account, type Ask, TestApi } from '../support/api';
import { type BadCase, type Expected, refuses } from '../support/refusal';

const JSON_TYPE = { 'content-type': 'application/json' };

const malformed: Expected = { status: 400, code: 'malformed_body' };
const unsupported: Expected = { status: 415, code: 'unsupported_media_type' };
const wrong = (names: string): Expected => ({ status: 422, code: 'invalid_body', names });
const text = (body: string | Buffer, headers: Record<string, string> = JSON_TYPE): Ask => ({ body, headers });
const item = (more: object): Ask => ({ body: { sku: 'BAD', name: 'Bad', ...more } });
const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);

let api: TestApi;
let owner: Account;

beforeAll(async () => {
  api = await TestApi.start();
  owner = await api.createAccount();
  await api.request('POST', '/v1/items', { as: owner, body: { sku: 'KNOWN', name: 'Known' } });
});

afterAll(() => api.close());

describe('bodies that are not JSON', () => {
  it.each<BadCase>([
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
    ['of text/plain', text('{}', { 'content-type': 'text/plain' }), unsupported],
    ['a form', text('sku=BAD&name=N', { 'content-type': 'application/x-www-form-urlencoded' }), unsupported],
    ['a multipart form', text('--x--', { 'content-type': 'multipart/form-data; boundary=x' }), unsupported],
    ['of no type', text('{}', {}), unsupported],
    ['of a broken type', text('{}', { 'content-type': ';;' }), unsupported],
    ['packed', text('{}', { ...JSON_TYPE, 'content-encoding': 'gzip' }), unsupported],
    [
      'of 257 KiB',
      text(`{"sku": "BAD", "name": "${'x'.repeat(257 * 1024)}"}`),
      { status: 413, code: 'body_too_large' },
    ],
  ])('%s', async (name, ask, expected) => {
    const { status, headers } = await refuses(api, { as: owner, ...ask }, expected);
    if (status === 415 && name !== 'packed') expect(headers['accept']).toBe('application/json');
  });
});

it('a body in pieces, of no announced length, is refused as soon as it is too long', async () => {
  const payload = Readable.from(Array<string>(300).fill('[1]'.padEnd(1_024)));
  const headers = { ...JSON_TYPE, authorization: `Bearer ${owner.token}` };
  const answer = await api.app.inject({ method: 'POST', url: '/v1/items', headers, payload });
  expect(answer.json()).toMatchObject({ status: 413, code: 'body_too_large' });
});

describe('bodies that are JSON and wrong', () => {
  it.each<BadCase>([
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
    ].map((name): BadCase => [`with ${name}`, item({ [name]: owner?.id ?? 'x' }), wrong(`/${name}`)]),
    ['with an odd name', item({ 'a/b~c': 1 }), wrong('/a~1b~0c')],
    ...['sku', 'name', 'description', 'currency'].flatMap((name): BadCase[] => [
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
    ...[-1, 1.5, '1', true, [], {}, 2 ** 53].map((price): BadCase => [
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
  ])('%s', async (_name, ask, expected) => void (await refuses(api, { as: owner, ...ask }, expected)));

  it('names all that is wrong at once', async () => {
    const { body } = await refuses(
      api,
      { as: owner, body: { name: '', price: -1, tags: [1, ''], x: 1 } },
      wrong('/sku'),
    );
    expect(
      body.errors.map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`).sort(),
    ).toEqual([
      '/currency required',
      '/name too_short',
      '/price out_of_range',
      '/sku required',
      '/tags/0 wrong_type',
      '/tags/1 too_short',
      '/x unknown',
    ]);
  });
});
