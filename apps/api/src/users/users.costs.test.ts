import { PASSWORD } from '../../../../test/support/api';
import { type Costs, describeCosts } from '../../../../test/support/costs';

// Where a caller has to log in, a cold run looks him and his session up: two statements.
const COSTS: Costs = {
  // The account, and the request for a mail.
  signUp: {
    ask: ({ word }) => [
      'POST',
      '/v1/users',
      { body: { email: `${word()}@test.example`, password: PASSWORD, displayName: 'Ada' } },
    ],
    status: 201,
    cold: 2,
    warm: 2,
  },
  getMe: { ask: ({ owner }) => ['GET', '/v1/users/me', { as: owner }], status: 200, cold: 3, warm: 1 },
  updateMe: {
    ask: ({ owner, word }) => ['PATCH', '/v1/users/me', { as: owner, body: { displayName: word() } }],
    status: 200,
    cold: 3,
    warm: 1,
  },
  // What the account is and whether the password is right; BEGIN, the change, the requests for two mails, COMMIT.
  'updateMe, to another address': {
    ask: async ({ api, word }) => [
      'PATCH',
      '/v1/users/me',
      { as: await api.createAccount(), body: { email: `${word()}@test.example`, currentPassword: PASSWORD } },
    ],
    status: 200,
    cold: 9,
    warm: 7,
  },
  // Whether the password is right; BEGIN with the lock, the sessions, the change, COMMIT.
  deleteMe: {
    ask: async ({ api }) => [
      'DELETE',
      '/v1/users/me',
      { as: await api.createAccount(), body: { currentPassword: PASSWORD } },
    ],
    status: 204,
    cold: 7,
    warm: 5,
  },
  // Whether the old one is right; BEGIN, the change, the sessions, COMMIT.
  changePassword: {
    ask: async ({ api }) => [
      'PUT',
      '/v1/users/me/password',
      {
        as: await api.createAccount(),
        body: { currentPassword: PASSWORD, newPassword: 'another horse, another staple' },
      },
    ],
    status: 204,
    cold: 7,
    warm: 5,
  },
  getProfile: { ask: ({ owner }) => ['GET', `/v1/users/${owner.id}`], status: 200, cold: 1, warm: 0 },
  listUsers: { ask: ({ admin }) => ['GET', '/v1/users', { as: admin }], status: 200, cold: 3, warm: 1 },
  updateUser: {
    ask: async ({ api, admin }) => [
      'PATCH',
      `/v1/users/${(await api.createAccount()).id}`,
      { as: admin, body: { role: 'admin' } },
    ],
    status: 200,
    cold: 5,
    warm: 3,
  },
  deleteUser: {
    ask: async ({ api, admin }) => ['DELETE', `/v1/users/${(await api.createAccount()).id}`, { as: admin }],
    status: 204,
    cold: 6,
    warm: 4,
  },
};

describeCosts('users', COSTS);
