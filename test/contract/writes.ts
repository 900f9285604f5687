// What each operation that writes does to something, and the read on which that shows.
import { KeptMails } from '@app/mail';
import { decodeJwt } from 'jose';
import { type Account, type Ask, PASSWORD, type Reply, type TestApi } from '../support/api';

export interface Thing {
  readonly id: string;
  readonly sku: string;
  readonly user: Account;
  /** Once there was one. */
  key?: string;
  /** The id of a feed or a job, once there was one. */
  made?: string;
}

export interface Write {
  readonly send: (of: Thing) => Promise<Reply>;
  /** A read on which the write shows, and what it answers afterwards. */
  readonly shows: (of: Thing, reply?: Reply) => [url: string, expected: object, ask?: Ask];
}

/** Filled in before the first test. */
export interface Stage {
  api: TestApi;
  owner: Account;
  admin: Account;
  serial: number;
}

export const NDJSON = { 'content-type': 'application/x-ndjson' };
const renamed = { status: 200, body: { name: 'New' } };
const gone = { status: 404 };
const KEY = { name: 'Nightly import', scopes: ['read'], currentPassword: PASSWORD };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
/** Two: the one that the account was made with, and this one. */
const SESSIONS = { status: 200, body: { data: [{ current: true }, { current: false }] } };

/** By operation. */
export function writesOf(stage: Stage): Record<string, Write> {
  const change = (method: string, url: string, body?: unknown, ask: Ask = {}) =>
    stage.api.request(method, url, { as: stage.owner, body, ...ask });
  async function mailedTo({ email }: Account): Promise<string | undefined> {
    await stage.api.settle();
    const mail = (await stage.api.app.get(KeptMails).list()).find(({ to }) => to === email);
    return /"token": "([\w-]{43})"/.exec(mail?.text ?? '')?.[1];
  }
  const logIn = ({ email, password }: Account): Promise<Reply> =>
    stage.api.request('POST', '/v1/auth/login', { body: { email, password } });

  return {
    createItem: {
      send: ({ sku }) => change('POST', '/v1/items', { sku: `${sku}-NEW`, name: 'New' }),
      shows: ({ sku }) => [`/v1/items/by-sku/${sku}-NEW`, renamed],
    },
    updateItem: {
      send: ({ id }) => change('PATCH', `/v1/items/${id}`, { name: 'New' }),
      shows: ({ id }) => [`/v1/items/${id}`, renamed],
    },
    putItem: {
      send: ({ sku }) => change('PUT', `/v1/items/by-sku/${sku}`, { name: 'New' }),
      shows: ({ sku }) => [`/v1/items/by-sku/${sku}`, renamed],
    },
    deleteItem: {
      send: ({ id }) => change('DELETE', `/v1/items/${id}`),
      shows: ({ id }) => [`/v1/items/${id}`, gone],
    },
    changeItems: {
      send: ({ id }) =>
        change('POST', '/v1/items/batch', { operations: [{ op: 'update', id, changes: { name: 'New' } }] }),
      shows: ({ id, sku }) => [`/v1/items?sku=${sku}`, { status: 200, body: { data: [{ id, name: 'New' }] } }],
    },
    importItems: {
      send: ({ sku }) =>
        change('POST', '/v1/items/import', `${JSON.stringify({ sku, name: 'New' })}\n`, { headers: NDJSON }),
      shows: ({ id }) => [`/v1/items/batch?ids=${id}`, { status: 200, body: { data: [{ id, name: 'New' }] } }],
    },
    signUp: {
      send: () =>
        change('POST', '/v1/users', {
          email: `new-${++stage.serial}@test.example`,
          password: 'a'.repeat(8),
          displayName: 'N',
        }),
      shows: (_, { body } = { body: stage.owner } as Reply) => [`/v1/users/${body.id}`, { body: { displayName: 'N' } }],
    },
    updateMe: {
      send: ({ user }) => change('PATCH', '/v1/users/me', { displayName: 'New' }, { as: user }),
      shows: ({ user }) => [`/v1/users/${user.id}`, { status: 200, body: { displayName: 'New' } }],
    },
    deleteMe: {
      send: ({ user }) => change('DELETE', '/v1/users/me', { currentPassword: PASSWORD }, { as: user }),
      shows: ({ user }) => [`/v1/users/${user.id}`, gone],
    },
    changePassword: {
      send: ({ user }) =>
        change(
          'PUT',
          '/v1/users/me/password',
          { currentPassword: user.password, newPassword: 'b'.repeat(8) },
          { as: user },
        ),
      shows: ({ user }) => ['/v1/users/me', { status: 401 }, { as: user }],
    },
    updateUser: {
      send: ({ user }) => change('PATCH', `/v1/users/${user.id}`, { status: 'disabled' }, { as: stage.admin }),
      shows: ({ user }) => ['/v1/users/me', { status: 401 }, { as: user }],
    },
    deleteUser: {
      send: ({ user }) => change('DELETE', `/v1/users/${user.id}`, undefined, { as: stage.admin }),
      shows: ({ user }) => [`/v1/users/${user.id}`, gone],
    },
    logIn: {
      send: ({ user }) => logIn(user),
      shows: ({ user }, reply) => ['/v1/auth/sessions', SESSIONS, { as: { ...user, token: reply?.body.accessToken } }],
    },
    issueToken: {
      send: ({ user: { email: username, password } }) => {
        const form = new URLSearchParams({ grant_type: 'password', username, password }).toString();
        return stage.api.request('POST', '/v1/auth/token', { body: form, headers: FORM });
      },
      shows: ({ user }, reply) => ['/v1/auth/sessions', SESSIONS, { as: { ...user, token: reply?.body.access_token } }],
    },
    refresh: {
      send: async ({ user }) => {
        const { refreshToken } = (await logIn(user)).body;
        return stage.api.request('POST', '/v1/auth/refresh', { body: { refreshToken } });
      },
      shows: ({ user }, reply) => ['/v1/auth/sessions', SESSIONS, { as: { ...user, token: reply?.body.accessToken } }],
    },
    logOut: {
      send: ({ user }) => change('POST', '/v1/auth/logout', undefined, { as: user }),
      shows: ({ user }) => ['/v1/users/me', { status: 401 }, { as: user }],
    },
    createApiKey: {
      send: ({ user }) => change('POST', '/v1/api-keys', KEY, { as: user }),
      shows: ({ user }) => ['/v1/api-keys', { status: 200, body: { data: [{ name: KEY.name }] } }, { as: user }],
    },
    deleteApiKey: {
      send: async (of) => {
        const { id, key } = (await change('POST', '/v1/api-keys', KEY, { as: of.user })).body;
        of.key = key as string;
        return change('DELETE', `/v1/api-keys/${id}`, undefined, { as: of.user });
      },
      shows: ({ user, key }) => [
        '/v1/users/me',
        { status: key ? 401 : 200 },
        { as: { ...user, token: key ?? user.token } },
      ],
    },
    confirmPasswordReset: {
      send: async ({ user }) => {
        await change('POST', '/v1/auth/password-reset', { email: user.email });
        const newPassword = 'b'.repeat(8) + ' mailed';
        return change('POST', '/v1/auth/password-reset/confirm', { token: await mailedTo(user), newPassword });
      },
      shows: ({ user }) => ['/v1/users/me', { status: 401 }, { as: user }],
    },
    confirmEmail: {
      send: async ({ user }) => {
        await change('POST', '/v1/auth/email-verification', undefined, { as: user });
        return change('POST', '/v1/auth/email-verification/confirm', { token: await mailedTo(user) });
      },
      shows: ({ user }) => ['/v1/users/me', { status: 200, body: { emailVerified: true } }, { as: user }],
    },
    endSession: {
      send: ({ user }) =>
        change('DELETE', `/v1/auth/sessions/${String(decodeJwt(user.token)['sid'])}`, undefined, { as: user }),
      shows: ({ user }) => ['/v1/users/me', { status: 401 }, { as: user }],
    },
  };
}
