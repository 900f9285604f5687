// Parameters in query and path that are malformed, unknown or wrong: 400 or 414, and a problem that names the parameter.
import { type Account, TestApi } from '../support/api';
import { type BadCase, type BadRequest, type Expected, refuses } from '../support/refusal';

const UNKNOWN = '01941f29-7c00-7a3b-9c4d-000000000000';

const malformed: Expected = { status: 400, code: 'malformed_request' };
const parameter = (names: string): Expected => ({ status: 400, code: 'invalid_parameter', names });
const list = (query: Record<string, string | string[]>): BadRequest => ({ method: 'GET', url: '/v1/items', query });

let api: TestApi;
let owner: Account;

beforeAll(async () => {
  api = await TestApi.start();
  owner = await api.createAccount();
  await api.request('POST', '/v1/items', { as: owner, body: { sku: 'KNOWN', name: 'Known' } });
});

afterAll(() => api.close());

describe('parameters', () => {
  it.each<BadCase>([
    ...['0', '101', 'abc', '', '-1', '1.5', '1e1', '0x10', ' 5', '+5', '٥', '1e9', '9'.repeat(400)].map(
      (limit): BadCase => [`limit=${limit.slice(0, 9)}`, list({ limit }), parameter('limit')],
    ),
    ['two limits', list({ limit: ['1', '2'] }), parameter('limit')],
    ['a forged cursor', list({ cursor: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }), parameter('cursor')],
    ...['password', 'passwordHash', 'name,price', 'createdAt; DROP TABLE items', '--createdAt', 'constructor', ''].map(
      (sort): BadCase => [`sort=${sort}`, list({ sort }), parameter('sort')],
    ),
    ['two sorts', list({ sort: ['name', 'price'] }), parameter('sort')],
    ['fields that are none', list({ fields: 'id,passwordHash' }), parameter('fields')],
    ['fields of others', list({ fields: 'search' }), parameter('fields')],
    ['include', list({ include: 'password' }), parameter('include')],
    ['count', list({ count: 'all' }), parameter('count')],
    ['an unknown one', list({ page: '2' }), parameter('page')],
    ['__proto__', { method: 'GET', url: '/v1/items?__proto__=1' }, parameter('__proto__')],
    ['constructor', { method: 'GET', url: '/v1/items?constructor=1' }, parameter('constructor')],
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
    ].map((updatedSince): BadCase => [
      `updatedSince=${updatedSince}`,
      list({ updatedSince }),
      parameter('updatedSince'),
    ]),
    ['an id that is none', { method: 'GET', url: '/v1/items/7' }, parameter('id')],
    ['an id with more', { method: 'DELETE', url: `/v1/items/${UNKNOWN}%20` }, parameter('id')],
    ['an id in braces', { method: 'PATCH', url: `/v1/items/{${UNKNOWN}}`, body: {} }, parameter('id')],
    ['a query where there is none', { url: '/v1/items?x=1', body: {} }, parameter('x')],
    ['a broken escape in the path', { method: 'GET', url: '/v1/items/%zz' }, malformed],
    ['half a character in the path', { method: 'GET', url: '/v1/items/by-sku/%ED%A0%80' }, malformed],
    ['a broken escape in the query', { method: 'GET', url: '/v1/items?q=%' }, malformed],
    ['half a character in the query', { method: 'GET', url: '/v1/items?tag=%ED%A0%80' }, malformed],
    ['bytes that are no UTF-8', { method: 'GET', url: '/v1/items?q=%ff' }, malformed],
    ['10,000 characters', list({ q: 'x'.repeat(10_000) }), { status: 414, code: 'uri_too_long' }],
    ['a thousand parameters', { method: 'GET', url: `/v1/items?${'a=&'.repeat(1_000)}` }, parameter('a')],
  ])('%s', async (_name, request, expected) => void (await refuses(api, { as: owner, ...request }, expected)));
});
