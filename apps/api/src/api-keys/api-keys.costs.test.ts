import { PASSWORD } from '../../../../test/support/api';
import { type Costs, describeCosts } from '../../../../test/support/costs';

const body = { name: 'Nightly import', scopes: ['read'], currentPassword: PASSWORD };

// Where a caller has to log in, a cold run looks up the account and its session: two statements.
const COSTS: Costs = {
  listApiKeys: { ask: ({ owner }) => ['GET', '/v1/api-keys', { as: owner }], status: 200, cold: 3, warm: 1 },
  // Whether the password is right; BEGIN with the lock of the account, the key, COMMIT.
  createApiKey: { ask: ({ owner }) => ['POST', '/v1/api-keys', { as: owner, body }], status: 201, cold: 6, warm: 4 },
  deleteApiKey: {
    ask: async ({ api, owner }) => {
      const { id } = (await api.request('POST', '/v1/api-keys', { as: owner, body })).body;
      return ['DELETE', `/v1/api-keys/${id}`, { as: owner }];
    },
    status: 204,
    cold: 3,
    warm: 1,
  },
};

describeCosts('api-keys', COSTS);
