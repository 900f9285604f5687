import { PASSWORD } from '../../../../test/support/api';
import { type Access, describeAccess, persons, type Scene } from '../../../../test/support/access';

const body = { name: 'Nightly import', scopes: ['read'], currentPassword: PASSWORD };
const none = 'api_key_not_found';

const keyOf = async ({ api, user }: Scene): Promise<string> =>
  (await api.request('POST', '/v1/api-keys', { as: user, body })).body.id as string;

const ACCESS: Access = {
  listApiKeys: { ask: () => ['GET', '/v1/api-keys'], gives: persons(200) },
  createApiKey: { ask: () => ['POST', '/v1/api-keys', { body }], gives: persons(201) },
  deleteApiKey: {
    ask: async (scene) => ['DELETE', `/v1/api-keys/${await keyOf(scene)}`],
    gives: { ...persons(204), otherUser: none, admin: none },
  },
};

describeAccess('api-keys', ACCESS);
