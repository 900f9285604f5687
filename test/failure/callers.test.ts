// Callers who wait no longer: those whose time is over are told so, and for nobody is worked on who has gone.
import { during, Lifetime, sql } from '@app/database';
import { Client } from 'pg';
import { Passwords } from '../../apps/api/src/users/users.passwords';
import { type Account, PASSWORD, TestApi } from '../support/api';
import { Raw } from '../support/raw';
import { Wire } from '../support/wire';

/** Milliseconds; a statement may take 2,000. */
const SLEEP = 1_900;
const SOON = 900;

let api: TestApi;
let wire: Wire;
let owner: Account;
let onlooker: Client;
let id: string;

beforeAll(async () => {
  api = await TestApi.start();
  owner = await api.createAccount();
  id = (await api.request('POST', '/v1/items', { as: owner, body: { sku: 'LAMP', name: 'Lamp' } })).body.id;
  onlooker = new Client({ connectionString: api.databaseUrl });
  await onlooker.connect();
  wire = await Wire.open(api);
});
afterAll(async () => {
  wire?.close();
  await onlooker?.end();
  await api?.close();
});

it.each(['0', '-1', '1.5', '1s', '60001', 'soon', ''])('X-Request-Timeout: %p is refused by name', async (value) => {
  const headers = { 'x-request-timeout': value };
  for (const path of [`/v1/items/${id}`, '/v1/items', '/health/live']) {
    const { status, body } = await api.get(path, { headers });
    expect([status, body.errors?.[0].parameter]).toEqual([400, 'X-Request-Timeout']);
    await wire.get(path);
    await wire.get(path);
    expect((await wire.send('GET', path, { headers })).status).toBe(400);
  }
});

it('does not keep a cached answer from being given in front of the router', async () => {
  await wire.get(`/v1/items/${id}`);
  await wire.get(`/v1/items/${id}`);
  const { headers } = await wire.send('GET', `/v1/items/${id}`, { headers: { 'x-request-timeout': '5' } });
  expect([headers['cache-status'], headers['server-timing']]).toEqual(['floodgate; hit', 'cache;dur=0']);
});

it('what has not begun when the time is over never begins, also when nobody else asks for anything', async () => {
  const passwords = api.app.get(Passwords);
  const body = { email: 'late@test.example', password: PASSWORD, displayName: 'Late' };
  // Its password is hashed when its time is over; the next hash has its turn behind it.
  const answer = await api.request('POST', '/v1/users', { body, headers: { 'x-request-timeout': '2' } });
  expect(answer.body.code).toBe('deadline_exceeded');
  await passwords.hash(PASSWORD);
  await passwords.hash(PASSWORD);
  expect(await api.rows(sql`SELECT 1 FROM users WHERE email = ${body.email}`)).toEqual([]);
});

it('who has gone is not waited for by those behind', async () => {
  const passwords = api.app.get(Passwords);
  const [gone, first] = [new Lifetime(), passwords.hash(PASSWORD)];
  const second = during(gone, () => passwords.hash(PASSWORD));
  const third = during(gone, () => passwords.hash(PASSWORD));
  gone.end(new Error('gone'));
  await first;
  await Promise.all([second, third].map((one) => expect(one).rejects.toThrow('gone')));
});

describe('while statements take long', () => {
  /** Statements that are sleeping now. */
  const sleeping = async (): Promise<number> => {
    const { rows } = await onlooker.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`,
    );
    return rows[0]?.count ?? 0;
  };
  const until = async (count: number): Promise<void> => {
    while ((await sleeping()) !== count) await new Promise(setImmediate);
  };

  const seconds = SLEEP / 1_000;
  const ASKED: [string, { slow: string; quick: string; ask: [string, string, object?] }][] = [
    [
      'a write',
      {
        slow: `CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(${seconds}); RETURN NEW; END $$;
          CREATE TRIGGER dawdle BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION dawdle()`,
        quick: 'DROP TRIGGER dawdle ON items; DROP FUNCTION dawdle',
        ask: ['POST', '/v1/items', { sku: 'SLOW', name: 'Slow' }],
      },
    ],
    [
      'a read',
      {
        slow: `ALTER TABLE items RENAME TO others; CREATE VIEW items AS SELECT * FROM others WHERE pg_sleep(${seconds}) IS NOT NULL`,
        quick: 'DROP VIEW items; ALTER TABLE others RENAME TO items',
        ask: ['GET', '/v1/items?limit=3'],
      },
    ],
  ];

  it.each(ASKED)(
    '%s answers 504 when its time is over, and its statement ends',
    async (_, { slow, quick, ask: [method, path, body] }) => {
      await onlooker.query(slow);
      const startedAt = performance.now();
      const answer = api.request(method, path, { as: owner, body, headers: { 'x-request-timeout': '250' } });
      await until(1);
      expect((await answer).body.code).toBe('deadline_exceeded');
      await until(0);
      expect(performance.now() - startedAt).toBeLessThan(SOON);
      await onlooker.query(quick);
    },
  );

  it.each(ASKED)('%s ends with the caller who has gone', async (_, { slow, quick, ask: [method, path, content] }) => {
    await onlooker.query(slow);
    const body = content ? JSON.stringify(content) : '';
    const raw = await Raw.open(wire.port);
    const head = `Host: x\r\nAuthorization: Bearer ${owner.token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
    await raw.send(`${method} ${path} HTTP/1.1\r\n${head}\r\n\r\n${body}`);
    await until(1);
    const leftAt = performance.now();
    raw.socket.destroy();
    await until(0);
    expect(performance.now() - leftAt).toBeLessThan(SOON);
    await onlooker.query(quick);
  });

  it('has written nothing of all that', async () => {
    expect(await api.rows(sql`SELECT 1 FROM items WHERE sku = 'SLOW'`)).toEqual([]);
  });
});
