// Consistency-Token on reads: what has been written is waited for, and whatever no write has given is refused by name.
import { Client } from 'pg';
import { type Account, type Ask, TestApi } from '../support/api';
import { Wire } from '../support/wire';

let api: TestApi;
/** Another instance, which would not hear of a change by itself before the test is over. */
let other: TestApi;
let owner: Account;
let id: string;
let stock = 0;

beforeAll(async () => {
  api = await TestApi.start();
  other = await api.join({ cacheStalenessMs: 5_000 });
  owner = await api.createAccount();
  id = (await api.request('POST', '/v1/items', { as: owner, body: { sku: 'LAMP', name: 'Lamp' } })).body.id;
});

afterAll(async () => {
  await other.close();
  await api.close();
});

const reads = () => [`/v1/items/${id}`, '/v1/items?fields=id', `/v1/items/batch?ids=${id}`, `/v1/users/${owner.id}`];

/** Changes the item, and asks with the token of that. */
async function change(): Promise<Ask> {
  const { headers } = await api.request('PATCH', `/v1/items/${id}`, { as: owner, body: { stock: ++stock } });
  return { headers: { 'consistency-token': headers['consistency-token'] as string } };
}

it('a token that has been seen costs nothing', async () => {
  const asked = await change();
  for (const url of reads()) {
    await api.get(url);
    expect(await api.get(url, asked)).toMatchObject({ status: 200, sql: 0 });
    expect(await api.request('HEAD', url, asked)).toMatchObject({ status: 200, sql: 0 });
  }
});

it('a token is neither believed nor refused while nobody can look', async () => {
  const asked = await change();
  const psql = new Client({ connectionString: api.databaseUrl });
  await psql.connect();
  await psql.query('BEGIN; LOCK change_log');
  try {
    expect(await other.get(`/v1/items/${id}`, asked)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { code: 'database_unavailable' },
    });
  } finally {
    await psql.end();
  }
  await other.look();
  expect(await other.get(`/v1/items/${id}`, asked)).toMatchObject({ status: 200, body: { stock } });
});

it.each<[name: string, token: string | string[]]>([
  ['nothing', ''],
  ['a word', 'x'],
  ['a number below 0', '-1'],
  ['0', '0'],
  ['a number with a zero in front', '07'],
  ['a fraction', '1.5'],
  ['a power', '1e99'],
  ['hexadecimal', '0x10'],
  ['17 digits', '12345678901234567'],
  ['two in one', '7, 7'],
  ['two', ['7', '7']],
  ['other digits', '\u00b2'],
  ['one of a time to come', '9007199254740991'],
  ['one beyond exact numbers', '9999999999999999'],
])('a token that is %s is refused by name, also where the answer is kept', async (_, token) => {
  const wire = await Wire.open(api);
  try {
    for (const url of reads()) {
      for (const answer of [await wire.get(url), await wire.get(url)]) expect(answer.status).toBe(200);
      const reply = await wire.get(url, { 'consistency-token': token });
      expect(reply).toMatchObject({
        status: 400,
        headers: { 'cache-control': 'no-store' },
        body: { code: 'invalid_parameter', errors: [{ code: 'wrong_format', parameter: 'Consistency-Token' }] },
        sql: 0,
      });
      expect((await wire.send('HEAD', url, { headers: { 'consistency-token': token } })).status).toBe(400);
    }
  } finally {
    wire.close();
  }
});
