import { raw, sql } from '@app/database';
import { type Account, PASSWORD, TestApi } from '../../../../test/support/api';

const NAME = 'Augusta King-Noel';
const BROWSER = 'a browser of her own';

let api: TestApi;
let admin: Account;
let serial = 0;
beforeAll(async () => {
  api = await TestApi.start({ embedded: true });
  admin = await api.createAccount({ role: 'admin' });
});
afterAll(() => api.close());

/** An account that has left traces wherever one can, and is about to move; its mails have been sent, and some still wait. */
async function createTraces(): Promise<{ ada: Account; moving: string }> {
  const [email, moving] = [`ada-${++serial}@test.example`, `augusta-${serial}@test.example`];
  const made = await api.request('POST', '/v1/users', { body: { email, password: PASSWORD, displayName: NAME } });
  const id = made.body.id as string;
  const headers = { 'user-agent': BROWSER };
  const { body } = await api.request('POST', '/v1/auth/login', { headers, body: { email, password: PASSWORD } });
  const ada = { id, email, password: PASSWORD, token: body.accessToken as string };
  await api.request('POST', '/v1/auth/password-reset', { body: { email } });
  await api.request('PATCH', '/v1/users/me', { as: ada, body: { email: moving, currentPassword: PASSWORD } });
  const item = { sku: `of-ada-${serial}`, name: 'Engine' };
  await api.request('POST', '/v1/items', { as: ada, headers: { 'idempotency-key': `${serial}` }, body: item });
  await api.settle();
  // As while the mail server is away.
  await api.rows(sql`INSERT INTO mail_requests (id, kind, address, user_id, next_attempt_at)
    SELECT gen_random_uuid(), kind, address, user_id::uuid, now() + interval '1 hour' FROM (VALUES
      ('password_reset', ${email}, NULL), ('email_verification', ${moving}, ${id}), ('email_change', ${email}, ${id})
    ) AS waiting (kind, address, user_id)`);
  return { ada, moving };
}

/** The tables that hold any of the words, in whichever column. */
async function tablesWith(words: readonly string[]): Promise<string[]> {
  const tables = await api.rows<{ name: string }>(sql`
    SELECT quote_ident(relname) AS name FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' ORDER BY 1`);
  const found = await Promise.all(
    tables.map(({ name }) =>
      api.rows(sql`SELECT FROM ${raw(name)} AS one WHERE EXISTS (
        SELECT FROM unnest(${words}::text[]) AS word WHERE strpos(lower(one::text), lower(word)) > 0) LIMIT 1`),
    ),
  );
  return tables.filter((_, n) => found[n]?.length).map(({ name }) => name);
}

it.each<[by: string, erase: (ada: Account) => Promise<unknown>]>([
  ['its owner', (as) => api.request('DELETE', '/v1/users/me', { as, body: { currentPassword: PASSWORD } })],
  ['an administrator', ({ id }) => api.request('DELETE', `/v1/users/${id}`, { as: admin })],
  [
    'somebody who has only the database',
    ({ id }) =>
      api.rows(sql`
      UPDATE users SET status = 'deleted', email = NULL, pending_email = NULL, password_hash = NULL, display_name = ''
      WHERE id = ${id}`),
  ],
])('nothing in the database names whom %s has deleted', async (_, erase) => {
  const { ada, moving } = await createTraces();
  const words = [ada.email, moving, NAME, BROWSER];
  const before = ['kept_mails', 'mail_requests', 'mail_tokens', 'sessions', 'users'];
  expect(await tablesWith(words)).toEqual(before);
  await erase(ada);
  expect(await tablesWith(words)).toEqual([]);
});

it('a mail that somebody else waits for goes out, even if a deleted account was to move to his address', async () => {
  const { ada, moving } = await createTraces();
  await api.rows(sql`INSERT INTO mail_requests (id, kind, address, next_attempt_at)
    VALUES (gen_random_uuid(), 'password_reset', ${moving}, now() + interval '1 hour')`);
  await api.request('DELETE', `/v1/users/${ada.id}`, { as: admin });
  expect(await api.rows(sql`SELECT kind, user_id FROM mail_requests WHERE address = ${moving}`)).toEqual([
    { kind: 'password_reset', user_id: null },
  ]);
});
