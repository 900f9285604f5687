import { sql } from '@app/database';
import { createLogger } from '@app/telemetry';
import { v7 as uuidv7 } from 'uuid';
import { type Account, type Ask, PASSWORD, type Reply, TestApi } from '../../../../test/support/api';

const DAY_MS = 86_400_000;

let api: TestApi;
let ada: Account;
/** All that was logged, and all that was answered but by POST /v1/api-keys. */
const written: string[] = [];
const keys: string[] = [];

beforeAll(async () => {
  const destination = { write: (line: string) => void written.push(line) };
  api = await TestApi.start({ logLevel: 'trace', logger: createLogger({ logLevel: 'trace', destination }) });
  ada = await api.createAccount();
});
afterAll(() => api.close());

async function ask(method: string, url: string, question: Ask = {}): Promise<Reply> {
  const reply = await api.request(method, url, question);
  written.push(JSON.stringify(reply.headers) + reply.text);
  return reply;
}

async function make(as: Account, body: object = {}, headers: Record<string, string> = {}): Promise<Reply> {
  const key = { name: 'Nightly import', scopes: ['read'], currentPassword: PASSWORD, ...body };
  const reply = await api.request('POST', '/v1/api-keys', { as, headers, body: key });
  if (reply.status === 201) keys.push(reply.body.key);
  return reply;
}

const list = (as: Account): Promise<Reply> => ask('GET', '/v1/api-keys', { as });
const remove = (as: Account, id: string): Promise<Reply> => ask('DELETE', `/v1/api-keys/${id}`, { as });
const me = (key: string): Promise<Reply> => ask('GET', '/v1/users/me', { as: { ...ada, token: key } });
const daysAhead = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
const faultsOf = ({ body }: Reply): string[] =>
  body.errors.map(({ code, pointer }: Record<string, string>) => `${pointer} ${code}`);

describe('a key', () => {
  it('is told once, and works at once; later only its beginning is shown', async () => {
    const expiresAt = daysAhead(30);
    const made = await make(ada, { expiresAt });
    expect(made).toMatchObject({ status: 201, headers: { 'cache-control': 'no-store' } });
    const { key, ...shown } = made.body;
    expect(shown).toEqual({
      id: expect.any(String),
      name: 'Nightly import',
      prefix: key.slice(0, 11),
      scopes: ['read'],
      createdAt: expect.any(String),
      expiresAt,
      lastUsedAt: null,
    });
    expect(await list(ada)).toMatchObject({ status: 200, sql: 1, body: { data: [shown] } });
    expect(await me(key)).toMatchObject({ status: 200, body: { id: ada.id } });
  });

  it('lives for a leap year unless it is told otherwise', async () => {
    const eve = await api.createAccount();
    for (const expiresAt of [undefined, null]) {
      const { body } = await make(eve, { expiresAt });
      const days = (Date.parse(body.expiresAt) - Date.parse(body.createdAt)) / DAY_MS;
      expect(days).toBeCloseTo(366, 2);
    }
    expect((await make(eve, { expiresAt: daysAhead(365.99) })).status).toBe(201);
  });

  it('has each of its scopes once', async () => {
    expect((await make(await api.createAccount(), { scopes: ['write', 'write'] })).body.scopes).toEqual(['write']);
  });

  it('is made anew by each request: an Idempotency-Key would keep it stored', async () => {
    const eve = await api.createAccount();
    const replies = [
      await make(eve, {}, { 'idempotency-key': 'k1' }),
      await make(eve, {}, { 'idempotency-key': 'k1' }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([201, 201]);
    expect(replies[0]!.body.key).not.toBe(replies[1]!.body.key);
    expect(await api.rows(sql`SELECT 1 FROM idempotency_keys`)).toEqual([]);
  });

  it.each<[name: string, body: object, faults: string[]]>([
    ['no name', { name: undefined }, ['/name required']],
    ['a blank name', { name: '  ' }, ['/name wrong_format']],
    ['a name of 101 characters', { name: 'x'.repeat(101) }, ['/name too_long']],
    ['NUL in its name', { name: 'a\0b' }, ['/name invalid_character']],
    ['no scopes', { scopes: undefined }, ['/scopes required']],
    ['an empty list of scopes', { scopes: [] }, ['/scopes too_few']],
    ['scopes as text', { scopes: 'read' }, ['/scopes wrong_type']],
    ['no password', { currentPassword: undefined }, ['/currentPassword required']],
    ['a scope that there is not', { scopes: ['read', 'admin'] }, ['/scopes/1 not_in_list']],
    ['a name of something every object has', { scopes: ['constructor'] }, ['/scopes/0 not_in_list']],
    ['an end that has come', { expiresAt: daysAhead(0) }, ['/expiresAt out_of_range']],
    ['an end too far away', { expiresAt: daysAhead(366.01) }, ['/expiresAt out_of_range']],
    ['an end that is no time', { expiresAt: 'never' }, ['/expiresAt wrong_format']],
    ['an end on February 30', { expiresAt: '2027-02-30T00:00:00Z' }, ['/expiresAt wrong_format']],
    [
      'all at once',
      { name: '', scopes: [], expiresAt: 5 },
      ['/name too_short', '/scopes too_few', '/expiresAt wrong_format'],
    ],
    [
      'what is not the caller’s to say',
      { id: uuidv7(), ownerId: uuidv7(), prefix: 'fg_', key: 'fg_', digest: 'x' },
      ['/id', '/ownerId', '/prefix', '/key', '/digest'].map((field) => `${field} unknown`),
    ],
  ])('with %s is refused', async (_, body, faults) => {
    const reply = await make(ada, body);
    expect(reply).toMatchObject({ status: 422, sql: 0, body: { code: 'invalid_body' } });
    expect(faultsOf(reply)).toEqual(faults);
  });

  it('is not made by whoever has a login but not the password', async () => {
    const eve = await api.createAccount();
    const reply = await make(eve, { currentPassword: 'wrong' });
    expect(reply).toMatchObject({ status: 422, sql: 3, body: { code: 'invalid_body' } });
    expect(faultsOf(reply)).toEqual(['/currentPassword wrong_password']);
    expect((await list(eve)).body.data).toEqual([]);
  });
});

describe('the keys of an account', () => {
  it('are listed newest first, and to nobody else', async () => {
    const [eve, bob] = [await api.createAccount(), await api.createAccount()];
    for (const name of ['first', 'second', 'third']) await make(eve, { name });
    expect((await list(eve)).body.data.map(({ name }: { name: string }) => name)).toEqual(['third', 'second', 'first']);
    expect((await list(bob)).body.data).toEqual([]);
  });

  it('are twenty at most, also when two ask for the last one at once', async () => {
    const eve = await api.createAccount();
    for (let n = 0; n < 19; n++) await make(eve);
    const statuses = (await Promise.all([make(eve), make(eve), make(eve)])).map(({ status }) => status).sort();
    expect(statuses).toEqual([201, 409, 409]);
    expect(await make(eve)).toMatchObject({ status: 409, sql: 4, body: { code: 'too_many_api_keys' } });
    const { data } = (await list(eve)).body;
    expect(data).toHaveLength(20);
    await remove(eve, data[0].id);
    expect((await make(eve)).status).toBe(201);
  });

  it('are deleted by their owner alone, once', async () => {
    const { id, key } = (await make(ada)).body;
    const unknown = { status: 404, sql: 1, body: { code: 'api_key_not_found' } };
    expect((await remove(await api.createAccount(), id)).body.code).toBe('api_key_not_found');
    expect((await me(key)).status).toBe(200);
    expect(await remove(ada, id)).toMatchObject({ status: 204, text: '', sql: 1 });
    for (const gone of [id, uuidv7()]) expect(await remove(ada, gone)).toMatchObject(unknown);
    expect(await remove(ada, 'fg_x')).toMatchObject({ status: 400, sql: 0, body: { errors: [{ parameter: 'id' }] } });
    expect((await list(ada)).body.data.map((one: { id: string }) => one.id)).not.toContain(id);
  });

  it('are gone with the account, whoever deletes it, also one that is made at the same moment', async () => {
    const eve = await api.createAccount();
    await make(eve);
    const [made] = await Promise.all([
      make(eve),
      ask('DELETE', '/v1/users/me', { as: eve, body: { currentPassword: PASSWORD } }),
    ]);
    expect([201, 401]).toContain(made.status);
    expect(await api.rows(sql`SELECT 1 FROM api_keys WHERE owner_id = ${eve.id}`)).toEqual([]);
    expect((await make(eve)).status).toBe(401);
  });

  it('outlive a change of the password', async () => {
    const eve = await api.createAccount();
    const { key } = (await make(eve)).body;
    const body = { currentPassword: PASSWORD, newPassword: 'another horse, another staple' };
    expect((await ask('PUT', '/v1/users/me/password', { as: eve, body })).status).toBe(204);
    expect((await me(key)).status).toBe(200);
  });
});

it('no log line, no later answer and no table has shown a key', async () => {
  expect(keys.length).toBeGreaterThan(30);
  expect(written.length).toBeGreaterThan(100);
  const tables = await api.rows<{ text: string }>(
    sql`SELECT t::text AS text FROM api_keys AS t UNION ALL SELECT t::text FROM change_log AS t`,
  );
  const places = [...written, ...tables.map(({ text }) => text)];
  // Three characters more than the prefix are a secret.
  for (const key of keys) expect(places.filter((text) => text.includes(key.slice(0, 14)))).toEqual([]);
});
