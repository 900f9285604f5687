import { type Costs, describeCosts } from '../../../../test/support/costs';

const COSTS: Costs = {
  logIn: {
    ask: ({ owner: { email, password } }) => ['POST', '/v1/auth/login', { body: { email, password } }],
    status: 200,
    cold: 1,
    warm: 1,
  },
  issueToken: {
    ask: ({ owner: { email, password } }) => {
      const body = new URLSearchParams({ grant_type: 'password', username: email, password }).toString();
      return ['POST', '/v1/auth/token', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body }];
    },
    status: 200,
    cold: 1,
    warm: 1,
  },
};

describeCosts('auth', COSTS);
