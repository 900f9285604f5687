import { randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import { type Access, describeAccess, everyone, persons, type Scene } from '../../../../test/support/access';

const none = 'session_not_found';

/** A session of the user beside the one that asks. */
const logIn = async ({
  api,
  user: { email, password },
}: Scene): Promise<{ accessToken: string; refreshToken: string }> =>
  (await api.request('POST', '/v1/auth/login', { body: { email, password } })).body;

async function sessionOf(scene: Scene): Promise<string> {
  const { accessToken } = await logIn(scene);
  return decodeJwt(accessToken)['sid'] as string;
}

/** Well-formed, and of no mail. */
const token = randomBytes(32).toString('base64url');

const ACCESS: Access = {
  logIn: {
    ask: ({ user: { email, password } }) => ['POST', '/v1/auth/login', { body: { email, password } }],
    gives: everyone(200),
  },
  issueToken: {
    ask: ({ user: { email, password } }) => {
      const body = new URLSearchParams({ grant_type: 'password', username: email, password }).toString();
      return ['POST', '/v1/auth/token', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body }];
    },
    gives: everyone(200),
  },
  // Whoever has a refresh token may use it, whatever else is sent with it.
  refresh: {
    ask: async (scene) => ['POST', '/v1/auth/refresh', { body: { refreshToken: (await logIn(scene)).refreshToken } }],
    gives: everyone(200),
  },
  logOut: {
    ask: async (scene) => ['POST', '/v1/auth/logout', { body: { refreshToken: (await logIn(scene)).refreshToken } }],
    gives: everyone(204),
  },
  listSessions: { ask: () => ['GET', '/v1/auth/sessions'], gives: persons(200) },
  endSession: {
    ask: async (scene) => ['DELETE', `/v1/auth/sessions/${await sessionOf(scene)}`],
    gives: { ...persons(204), otherUser: none, admin: none },
  },
  requestPasswordReset: {
    ask: ({ user: { email } }) => ['POST', '/v1/auth/password-reset', { body: { email } }],
    gives: everyone(202),
  },
  confirmPasswordReset: {
    ask: () => [
      'POST',
      '/v1/auth/password-reset/confirm',
      { body: { token, newPassword: 'another horse, another staple' } },
    ],
    gives: everyone('invalid_reset_token'),
  },
  requestEmailVerification: { ask: () => ['POST', '/v1/auth/email-verification'], gives: persons(202) },
  confirmEmail: {
    ask: () => ['POST', '/v1/auth/email-verification/confirm', { body: { token } }],
    gives: everyone('invalid_verification_token'),
  },
  listSigningKeys: { ask: () => ['GET', '/.well-known/jwks.json'], gives: everyone(200) },
};

describeAccess('auth', ACCESS);
