import { randomUUID } from 'node:crypto';
import { sql } from '@app/database';
import { KeptMails } from '@app/mail';
import { Client } from 'pg';
import { type Account, PASSWORD, TestApi } from '../../../../test/support/api';
import { RecoveryRepository } from './recovery.repository';

const MOST = 5;
const TRIES = 8;

let api: TestApi;
let send: jest.SpyInstance;
beforeAll(async () => {
  api = await TestApi.start({ embedded: true });
  send = jest.spyOn(api.app.get(KeptMails), 'send');
});
beforeEach(() => send.mockClear());
afterAll(() => api.close());

const post = (path: string, body?: object, as?: Account) => api.request('POST', path, { body, as });

/** To an address, in the order in which they went out. */
const mailsTo = (address: string): { text: string }[] =>
  send.mock.calls.map(([mail]) => mail as { to: string; text: string }).filter(({ to }) => to === address);

const insert = (address: string, id: string = randomUUID()) =>
  api.app.get(RecoveryRepository, { strict: false }).insertForAccount({
    id,
    digest: randomUUID(),
    kind: 'password_reset',
    address,
    userId: null,
    lifeSeconds: 3_600,
  });

describe('five mails of a kind in an hour', () => {
  it('are counted when their tokens are used, too', async () => {
    const ada = await api.createAccount();
    for (let n = 0; n < TRIES; n++) {
      await post('/v1/auth/email-verification', undefined, ada);
      await api.settle();
      const token = /"token": "([\w-]{43})"/.exec(mailsTo(ada.email).at(-1)?.text ?? '')?.[1];
      const { status } = await post('/v1/auth/email-verification/confirm', { token });
      expect(status).toBe(n < MOST ? 204 : 400);
    }
    expect(mailsTo(ada.email)).toHaveLength(MOST);
  });

  it('are counted when they come at the same moment', async () => {
    const { id, email } = await api.createAccount();
    for (let n = 0; n < MOST - 2; n++) await insert(email);
    const other = new Client({ connectionString: api.databaseUrl });
    await other.connect();
    // Whoever has counted waits here, and so do all others.
    await other.query('BEGIN');
    await other.query('SELECT FROM users WHERE id = $1 FOR UPDATE', [id]);
    const made = Array.from({ length: 4 }, () => insert(email).catch(() => insert(email)));
    const waiting = sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    while ((await api.rows(waiting)).length < made.length);
    await other.query('COMMIT');
    await other.end();
    expect((await Promise.all(made)).filter(Boolean)).toHaveLength(2);
  });

  it('are counted when the sweeper has passed, from when they were sent last, and for an hour', async () => {
    const { email } = await api.createAccount();
    const ids = Array.from({ length: MOST }, () => randomUUID());
    for (const id of ids) expect(await insert(email, id)).toBe(true);
    const age = (minutes: number) =>
      api.rows(sql`
      UPDATE mail_tokens SET created_at = now() - make_interval(mins => ${minutes}::int), expires_at = '-infinity'
      WHERE address = ${email}`);
    const sweep = () => api.app.get(RecoveryRepository, { strict: false }).removeExpired();
    await age(59);
    await sweep();
    expect(await insert(email)).toBe(false);
    await age(61);
    // A mail that is sent again is sent now.
    for (const id of ids) expect(await insert(email, id)).toBe(true);
    expect(await insert(email)).toBe(false);
    await age(61);
    await sweep();
    expect(await api.rows(sql`SELECT FROM mail_tokens WHERE address = ${email}`)).toEqual([]);
    expect(await insert(email)).toBe(true);
  });

  it('are counted when the account is deleted and another one is made with the address', async () => {
    const email = 'victim@nowhere.example';
    for (let n = 0; n < TRIES; n++) {
      const { body } = await post('/v1/users', { email, password: PASSWORD, displayName: 'Eve' });
      await api.settle();
      await api.rows(sql`UPDATE users SET status = 'deleted', email = NULL WHERE id = ${body.id}`);
    }
    expect(mailsTo(email)).toHaveLength(MOST);
  });
});
