import { type Access, describeAccess, everyone } from '../../../../test/support/access';

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
};

describeAccess('auth', ACCESS);
