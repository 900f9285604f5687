import { type Access, admins, anyLogin, describeAccess, everyone, persons } from '../../../../test/support/access';
import { PASSWORD } from '../../../../test/support/api';

const NO_KEY = { readKey: 'session_required', writeKey: 'session_required' };

const ACCESS: Access = {
  signUp: {
    ask: ({ word }) => {
      const body = { email: `${word()}@test.example`, password: PASSWORD, displayName: 'Ada' };
      return ['POST', '/v1/users', { body }];
    },
    gives: everyone(201),
  },
  getMe: { ask: () => ['GET', '/v1/users/me'], gives: anyLogin(200) },
  updateMe: {
    ask: ({ word }) => ['PATCH', '/v1/users/me', { body: { displayName: word() } }],
    gives: persons(200),
  },
  deleteMe: { ask: () => ['DELETE', '/v1/users/me', { body: { currentPassword: PASSWORD } }], gives: persons(204) },
  changePassword: {
    ask: () => {
      const body = { currentPassword: PASSWORD, newPassword: 'another horse, another staple' };
      return ['PUT', '/v1/users/me/password', { body }];
    },
    gives: persons(204),
  },
  getProfile: { ask: ({ user }) => ['GET', `/v1/users/${user.id}`], gives: everyone(200) },
  listUsers: { ask: () => ['GET', '/v1/users'], gives: { ...admins(200), ...NO_KEY } },
  updateUser: {
    ask: ({ user }) => ['PATCH', `/v1/users/${user.id}`, { body: { role: 'admin' } }],
    gives: { ...admins(200), ...NO_KEY },
  },
  deleteUser: { ask: ({ user }) => ['DELETE', `/v1/users/${user.id}`], gives: { ...admins(204), ...NO_KEY } },
};

describeAccess('users', ACCESS);
