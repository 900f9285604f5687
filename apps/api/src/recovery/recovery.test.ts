import { during, Lifetime, sql } from '@app/database';
import { type KeptMail, KeptMails } from '@app/mail';
import { type Account, PASSWORD, type Reply, TestApi } from '../../../../test/support/api';
import { expectRandom } from '../../../../test/support/randomness';
import { MailRequests } from '../mails/mails.service';

const NEW_PASSWORD = 'another horse, another staple';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start({ embedded: true });
});
afterAll(() => api.close());

const post = (path: string, body?: object, as?: Account): Promise<Reply> =>
  api.request('POST', `/v1/auth/${path}`, { body, as });
const logIn = (email: string, password: string): Promise<Reply> => post('login', { email, password });
const confirm = (token: string, newPassword = NEW_PASSWORD): Promise<Reply> =>
  post('password-reset/confirm', { token, newPassword });
const me = async (as: Account): Promise<Reply> => api.get('/v1/users/me', { as });

async function mailsTo(address: string): Promise<KeptMail[]> {
  await api.settle();
  return (await api.app.get(KeptMails).list()).filter(({ to }) => to === address);
}

const tokenIn = (mail?: KeptMail): string => /"token": "([\w-]{43})"/.exec(mail?.text ?? '')?.[1] ?? '';

async function resetTokenOf({ email }: Account): Promise<string> {
  expect((await post('password-reset', { email })).status).toBe(202);
  return tokenIn((await mailsTo(email))[0]);
}

function visible({ status, headers, text, sql: statements }: Reply): object {
  const { 'x-request-id': _, 'server-timing': __, date: ___, ...others } = headers;
  return { status, text, others, statements };
}

describe('asking for a new password', () => {
  it('answers alike, with one statement, whoever there is', async () => {
    const [ada, disabled, deleted] = [await api.createAccount(), await api.createAccount(), await api.createAccount()];
    await api.rows(sql`UPDATE users SET status = 'disabled' WHERE id = ${disabled.id}`);
    await api.request('DELETE', '/v1/users/me', { as: deleted, body: { currentPassword: PASSWORD } });
    const addresses = [ada.email, disabled.email, deleted.email, 'nobody@nowhere.example'];
    const replies: object[] = [];
    for (const email of addresses) {
      replies.push(visible(await post('password-reset', { email })));
      // The mails have statements of their own.
      await api.settle();
    }
    expect(replies[0]).toMatchObject({ status: 202, text: '', statements: expect.any(Number) });
    expect(replies).toEqual(Array(4).fill(replies[0]));
    const counts = [];
    for (const email of addresses) counts.push((await mailsTo(email)).length);
    expect(counts).toEqual([1, 0, 0, 0]);
  });

  it('sends an account five mails an hour at most, and forgets the rest', async () => {
    const { email } = await api.createAccount();
    for (let count = 0; count < 8; count++) {
      expect((await post('password-reset', { email })).status).toBe(202);
      await api.settle();
    }
    expect(await mailsTo(email)).toHaveLength(5);
  });

  it('makes a token of 256 random bits, and stores its digest only', async () => {
    const token = await resetTokenOf(await api.createAccount());
    expectRandom([token], 32);
    expect(await api.rows(sql`SELECT 1 FROM mail_tokens AS t WHERE t::text LIKE ${`%${token}%`}`)).toEqual([]);
  });
});

describe('choosing a new password', () => {
  it('sets it, ends every session, proves the address, and uses up all tokens', async () => {
    const ada = await api.createAccount();
    const [first, second] = [await resetTokenOf(ada), await resetTokenOf(ada)];
    const { body } = await logIn(ada.email, PASSWORD);
    expect((await confirm(second)).status).toBe(204);
    expect((await me(ada)).status).toBe(401);
    expect((await post('refresh', { refreshToken: body.refreshToken })).status).toBe(401);
    expect((await logIn(ada.email, PASSWORD)).status).toBe(401);
    const login = await logIn(ada.email, NEW_PASSWORD);
    expect((await me({ ...ada, token: login.body.accessToken })).body.emailVerified).toBe(true);
    for (const token of [first, second]) expect((await confirm(token)).status).toBe(400);
  });

  it('refuses the own address, and keeps the token', async () => {
    const ada = await api.createAccount();
    const token = await resetTokenOf(ada);
    expect(await confirm(token, ada.email.toUpperCase())).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/newPassword', code: 'too_common' }] },
    });
    expect((await confirm(token)).status).toBe(204);
  });

  it('refuses each token that is not good in the same words', async () => {
    const [used, expired, moved, disabled] = await Promise.all([1, 2, 3, 4].map(() => api.createAccount()));
    const tokens = ['unknown'];
    for (const account of [used, expired, moved, disabled]) tokens.push(await resetTokenOf(account as Account));
    await confirm(tokens[1] as string);
    await api.rows(sql`UPDATE mail_tokens SET expires_at = expires_at - interval '1 h' WHERE user_id = ${expired?.id}`);
    await api.rows(sql`UPDATE users SET email = ${`moved.${moved?.email}`} WHERE id = ${moved?.id}`);
    await api.rows(sql`UPDATE users SET status = 'disabled' WHERE id = ${disabled?.id}`);
    const replies: object[] = [];
    for (const token of tokens) {
      const { status, body } = await confirm(token);
      const { instance: _, ...rest } = body;
      replies.push({ status, rest });
    }
    expect(replies[0]).toMatchObject({ status: 400, rest: { code: 'invalid_reset_token' } });
    expect(replies).toEqual(Array(5).fill(replies[0]));
  });

  it('lets one of two win who come at the same moment', async () => {
    const ada = await api.createAccount();
    const token = await resetTokenOf(ada);
    const replies = await Promise.all([confirm(token, 'the first of two horses'), confirm(token, 'the second of two')]);
    expect(replies.map(({ status }) => status).sort()).toEqual([204, 400]);
  });
});

describe('proving an address', () => {
  it('is mailed at once, whoever has hung up by then, and not when the instance happens to look for what others have left', async () => {
    const { email, id } = await api.createAccount();
    await during(new Lifetime(), async () => {
      for (let count = 1; count <= 3; count++) {
        const startedAt = performance.now();
        const hasty = new Lifetime();
        await during(hasty, () => api.app.get(MailRequests).add('email_verification', email, id));
        hasty.end(new Error('The caller has gone.'));
        expect(await mailsTo(email)).toHaveLength(count);
        // The instance looks every 5 s: of three in turn, none came by chance that soon.
        expect(performance.now() - startedAt).toBeLessThan(2_000);
      }
    });
  });

  it('is asked for at sign-up, and shown to the owner only', async () => {
    const email = 'new.person@test.example';
    const { body } = await api.request('POST', '/v1/users', {
      body: { email, password: PASSWORD, displayName: 'Eve' },
    });
    expect(body.emailVerified).toBe(false);
    const token = tokenIn((await mailsTo(email))[0]);
    expect((await post('email-verification/confirm', { token })).status).toBe(204);
    const { accessToken } = (await logIn(email, PASSWORD)).body;
    const own = await me({ id: body.id, email, password: PASSWORD, token: accessToken });
    expect(own.body.emailVerified).toBe(true);
    expect((await api.get(`/v1/users/${body.id}`)).body).not.toHaveProperty('emailVerified');
    expect((await post('email-verification/confirm', { token })).body.code).toBe('invalid_verification_token');
  });

  it('is by a token for the present address only', async () => {
    const ada = await api.createAccount();
    expect((await post('email-verification', undefined, ada)).status).toBe(202);
    const token = tokenIn((await mailsTo(ada.email))[0]);
    await api.rows(sql`UPDATE users SET email = ${`new.${ada.email}`} WHERE id = ${ada.id}`);
    expect((await post('email-verification/confirm', { token })).status).toBe(400);
    expect((await post('email-verification')).status).toBe(401);
  });
});

describe('/dev/mails', () => {
  it('shows what was kept, escaped and under a policy of its own', async () => {
    const { email } = await api.createAccount();
    await api.app
      .get(KeptMails)
      .send({ to: email, subject: '<script>1</script>', text: 'a & b', html: '<p title="x">' });
    const page = await api.get('/dev/mails', { headers: { accept: 'text/html' } });
    expect(page.text).toContain('&lt;script&gt;1&lt;/script&gt;');
    expect(page.text).toContain('srcdoc="&lt;p title=&quot;x&quot;&gt;"');
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
    const { body } = await api.get('/dev/mails', { headers: { accept: 'application/json' } });
    expect(body.data[0]).toMatchObject({ to: email, subject: '<script>1</script>' });
  });

  it('keeps a hundred', async () => {
    const kept = api.app.get(KeptMails);
    for (let count = 0; count < 102; count++)
      await kept.send({ to: 'a@b.example', subject: `${count}`, text: '', html: '' });
    const subjects = (await kept.list()).map(({ subject }) => subject);
    expect([subjects.length, subjects[0], subjects.at(-1)]).toEqual([100, '101', '2']);
  });

  it('is not there with a database of one’s own', async () => {
    const other = await api.join();
    expect((await other.get('/dev/mails')).status).toBe(404);
    expect((await other.request('POST', '/v1/auth/password-reset', { body: { email: 'a@b.example' } })).status).toBe(
      202,
    );
    await other.close();
  });
});

describe('who has secured an account', () => {
  it('by a mail has ended the keys that somebody else made', async () => {
    const ada = await api.createAccount();
    const made = await api.request('POST', '/v1/api-keys', {
      as: ada,
      body: { name: 'Theirs', scopes: ['read'], currentPassword: PASSWORD },
    });
    const key = { ...ada, token: made.body.key as string };
    expect((await me(key)).status).toBe(200);
    expect((await confirm(await resetTokenOf(ada))).status).toBe(204);
    expect((await me(key)).status).toBe(401);
  });

  it('by a mail can log in, however often the password was guessed before', async () => {
    const ada = await api.createAccount();
    const limits = [];
    for (let n = 0; n < 12; n++) limits.push((await logIn(ada.email, `forgotten ${n}`)).status);
    expect(limits.at(-1)).toBe(429);
    expect((await confirm(await resetTokenOf(ada))).status).toBe(204);
    expect((await logIn(ada.email, NEW_PASSWORD)).status).toBe(200);
  });

  it('by a new password has ended what a mail could still do', async () => {
    const ada = await api.createAccount();
    const token = await resetTokenOf(ada);
    const body = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
    expect((await api.request('PUT', '/v1/users/me/password', { as: ada, body })).status).toBe(204);
    expect(await confirm(token, 'what a thief would like')).toMatchObject({ status: 400 });
    expect((await logIn(ada.email, NEW_PASSWORD)).status).toBe(200);
  });
});

it('an address gets five mails of a kind in an hour, whichever accounts had it', async () => {
  const address = 'victim@nowhere.example';
  for (let n = 0; n < 2; n++) {
    const eve = await api.createAccount();
    const change = (email: string) => api.rows(sql`UPDATE users SET email = ${email} WHERE id = ${eve.id}`);
    await change(address);
    for (let count = 0; count < 4; count++) {
      await post('password-reset', { email: address });
      await api.settle();
    }
    await change(`away-${n}@nowhere.example`);
  }
  expect(await mailsTo(address)).toHaveLength(5);
});

it.each(['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:3000'])(
  'mails are not shown under the name %p',
  async (host) => {
    expect((await api.app.inject({ url: '/dev/mails', headers: { host } })).statusCode).toBe(404);
    expect((await api.app.inject({ url: '/dev/mails', headers: { host: 'localhost:3000' } })).statusCode).toBe(200);
  },
);
