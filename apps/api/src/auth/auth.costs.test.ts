import { decodeJwt } from 'jose';
import { PASSWORD, type Account } from '../../../../test/support/api';
import { type Costs, describeCosts, type Stage } from '../../../../test/support/costs';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** A session of the owner beside the one that asks. */
async function logIn({
  api,
  owner: { email, password },
}: Stage): Promise<{ accessToken: string; refreshToken: string }> {
  return (await api.request('POST', '/v1/auth/login', { body: { email, password } })).body;
}

async function issue(stage: Stage, form: (owner: Account) => Promise<Record<string, string>>) {
  const body = new URLSearchParams(await form(stage.owner)).toString();
  return ['POST', '/v1/auth/token', { headers: FORM, body }] as const;
}

const COSTS: Costs = {
  // Whose password it is, and the session.
  logIn: {
    ask: ({ owner: { email, password } }) => ['POST', '/v1/auth/login', { body: { email, password } }],
    status: 200,
    cold: 2,
    warm: 2,
  },
  issueToken: {
    ask: (stage) =>
      issue(stage, async ({ email, password }) => ({ grant_type: 'password', username: email, password })),
    status: 200,
    cold: 2,
    warm: 2,
  },
  'issueToken, for a refresh token': {
    ask: (stage) =>
      issue(stage, async () => ({
        grant_type: 'refresh_token',
        refresh_token: (await logIn(stage)).refreshToken,
      })),
    status: 200,
    cold: 4,
    warm: 3,
  },
  // BEGIN with the session, its next token, COMMIT; and whether the account may go on.
  refresh: {
    ask: async (stage) => ['POST', '/v1/auth/refresh', { body: { refreshToken: (await logIn(stage)).refreshToken } }],
    status: 200,
    cold: 4,
    warm: 3,
  },
  logOut: {
    ask: async (stage) => ['POST', '/v1/auth/logout', { body: { refreshToken: (await logIn(stage)).refreshToken } }],
    status: 204,
    cold: 1,
    warm: 1,
  },
  'logOut, by the access token': {
    ask: async (stage) => [
      'POST',
      '/v1/auth/logout',
      { as: { ...stage.owner, token: (await logIn(stage)).accessToken } },
    ],
    status: 204,
    cold: 3,
    warm: 1,
  },
  listSessions: { ask: ({ owner }) => ['GET', '/v1/auth/sessions', { as: owner }], status: 200, cold: 3, warm: 1 },
  endSession: {
    ask: async (stage) => {
      const { sid } = decodeJwt<{ sid: string }>((await logIn(stage)).accessToken);
      return ['DELETE', `/v1/auth/sessions/${sid}`, { as: stage.owner }];
    },
    status: 204,
    cold: 3,
    warm: 1,
  },
  // The same for every address: who has an account is looked up later.
  requestPasswordReset: {
    ask: ({ word }) => ['POST', '/v1/auth/password-reset', { body: { email: `${word()}@nobody.example` } }],
    status: 202,
    cold: 1,
    warm: 1,
  },
  confirmPasswordReset: {
    ask: () => ['POST', '/v1/auth/password-reset/confirm', { body: { token: 'unknown', newPassword: PASSWORD } }],
    status: 400,
    cold: 1,
    warm: 1,
  },
  requestEmailVerification: {
    ask: ({ owner }) => ['POST', '/v1/auth/email-verification', { as: owner }],
    status: 202,
    cold: 4,
    warm: 2,
  },
  confirmEmail: {
    ask: () => ['POST', '/v1/auth/email-verification/confirm', { body: { token: 'unknown' } }],
    status: 400,
    cold: 1,
    warm: 1,
  },
  listSigningKeys: { ask: () => ['GET', '/.well-known/jwks.json'], status: 200, cold: 0, warm: 0 },
};

describeCosts('auth', COSTS);
