import { sql } from '@app/database';
import { type KeptMail, KeptMails } from '@app/mail';
import { Telemetry } from '@app/telemetry';
import { type Account, PASSWORD, type Reply, TestApi } from '../../../../test/support/api';

const NEW_PASSWORD = 'another horse, another staple';

let api: TestApi;
let serial = 0;
beforeAll(async () => {
  api = await TestApi.start({ embedded: true });
});
afterAll(() => api.close());

const newAddress = (): string => `moved-${serial++}@test.example`;
const post = (path: string, body?: object, as?: Account): Promise<Reply> =>
  api.request('POST', `/v1/auth/${path}`, { body, as });
const me = async (as: Account): Promise<Reply> => api.get('/v1/users/me', { as });
const move = (as: Account, email: string): Promise<Reply> =>
  api.request('PATCH', '/v1/users/me', { as, body: { email, currentPassword: PASSWORD } });
const confirm = (token: string): Promise<Reply> => post('email-verification/confirm', { token });
const canLogIn = async (email: string): Promise<boolean> =>
  (await post('login', { email, password: PASSWORD })).status === 200;

async function mailsTo(address: string): Promise<KeptMail[]> {
  await api.settle();
  return (await api.app.get(KeptMails).list()).filter(({ to }) => to === address);
}

const tokenIn = (mail?: KeptMail): string => /"token": "([\w-]{43})"/.exec(mail?.text ?? '')?.[1] ?? '';

/** An account that is about to move, and the token that moves it. */
async function movingAccount(): Promise<{ ada: Account; email: string; token: string }> {
  const [ada, email] = [await api.createAccount(), newAddress()];
  expect((await move(ada, email)).status).toBe(200);
  return { ada, email, token: tokenIn((await mailsTo(email))[0]) };
}

describe('another address', () => {
  it('holds once it is confirmed, and not before', async () => {
    const ada = await api.createAccount();
    const email = newAddress();
    const noted = await move(ada, email.toUpperCase());
    expect(noted).toMatchObject({ status: 200, body: { email: ada.email, pendingEmail: email, version: 2 } });
    expect([await canLogIn(ada.email), await canLogIn(email)]).toEqual([true, false]);
    const told: object[] = [];
    const stop = api.app.get(Telemetry).on('email.changed', (event) => void told.push(event));
    expect((await confirm(tokenIn((await mailsTo(email))[0]))).status).toBe(204);
    stop();
    expect(told).toEqual([{ accountId: ada.id }]);
    expect(await me(ada)).toMatchObject({ body: { email, emailVerified: true, pendingEmail: null, version: 3 } });
    expect([await canLogIn(ada.email), await canLogIn(email)]).toEqual([false, true]);
  });

  it('is told to the present one, with nothing in it to open', async () => {
    const { ada, email, token } = await movingAccount();
    const [notice] = await mailsTo(ada.email);
    expect(notice?.subject).toBe('Your account is about to move');
    for (const text of [notice?.text, notice?.html]) {
      expect(text).toContain('choose a new password now');
      expect(text).not.toMatch(/token|href/);
      expect(text).not.toContain(email);
      expect(text).not.toContain(token);
    }
  });

  it('is confirmed within a day, or not at all', async () => {
    const { ada, token } = await movingAccount();
    await api.rows(sql`UPDATE mail_tokens SET expires_at = expires_at - interval '1 day' WHERE user_id = ${ada.id}`);
    expect(await confirm(token)).toMatchObject({ status: 400, body: { code: 'invalid_verification_token' } });
  });

  it('is answered alike if somebody has it, who gets no mail', async () => {
    const [ada, bob, eve] = [await api.createAccount(), await api.createAccount(), await api.createAccount()];
    const [taken, free] = [await move(ada, bob.email), await move(eve, newAddress())];
    expect([taken.status, free.status]).toEqual([200, 200]);
    expect(Object.keys(taken.headers).sort()).toEqual(Object.keys(free.headers).sort());
    expect(taken.body).toEqual({ ...free.body, ...changing(taken.body) });
    expect(await mailsTo(bob.email)).toEqual([]);
    expect(await mailsTo(ada.email)).toHaveLength(1);
  });

  it('is refused at its confirmation to whoever comes second', async () => {
    const { ada, email, token } = await movingAccount();
    await api.createAccount({ email });
    const { status, body } = await confirm(token);
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'email_taken' });
    // The body that was sent has no address to point to.
    expect(body).not.toHaveProperty('errors');
    expect((await me(ada)).body.email).toBe(ada.email);
  });

  it('is asked for again like the present one', async () => {
    const { ada, email } = await movingAccount();
    expect((await post('email-verification', undefined, ada)).status).toBe(202);
    const mails = await mailsTo(email);
    expect(mails).toHaveLength(2);
    for (const [n, status] of [204, 400].entries()) expect((await confirm(tokenIn(mails[n]))).status).toBe(status);
  });
});

describe('a move is taken back', () => {
  it.each<[name: string, by: (ada: Account) => Promise<unknown>]>([
    [
      'its owner names the present address',
      (as) => api.request('PATCH', '/v1/users/me', { as, body: { email: as.email } }),
    ],
    ['its owner moves elsewhere', (as) => move(as, newAddress())],
    [
      'the password changes',
      (as) => {
        const body = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
        return api.request('PUT', '/v1/users/me/password', { as, body });
      },
    ],
    [
      'the password is reset',
      async ({ email }) => {
        await post('password-reset', { email });
        const token = tokenIn((await mailsTo(email)).find(({ subject }) => subject === 'Choose a new password'));
        expect((await post('password-reset/confirm', { token, newPassword: NEW_PASSWORD })).status).toBe(204);
      },
    ],
    [
      'the account was disabled',
      async ({ id }) => {
        const admin = await api.createAccount({ role: 'admin' });
        for (const status of ['disabled', 'active'])
          expect(
            (await api.request('PATCH', `/v1/users/${id}`, { as: admin, body: { status } })).body.pendingEmail,
          ).toBeNull();
      },
    ],
    [
      'the account is deleted',
      (as) => api.request('DELETE', '/v1/users/me', { as, body: { currentPassword: PASSWORD } }),
    ],
  ])('when %s', async (_, by) => {
    const { ada, email, token } = await movingAccount();
    await by(ada);
    expect(await confirm(token)).toMatchObject({ status: 400, body: { code: 'invalid_verification_token' } });
    expect(await api.rows(sql`SELECT 1 FROM users WHERE email = ${email} OR pending_email = ${email}`)).toEqual([]);
  });
});

it('nobody is buried in notices by an account that was made with his address', async () => {
  const ada = await api.createAccount();
  for (let n = 0; n < 8; n++) {
    await move(ada, newAddress());
    await api.settle();
  }
  expect(await mailsTo(ada.email)).toHaveLength(5);
});

const changing = ({ id, email, pendingEmail, createdAt, updatedAt }: Record<string, string>): object => ({
  id,
  email,
  pendingEmail,
  createdAt,
  updatedAt,
});
