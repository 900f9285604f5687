import { type Access, describeAccess, everyone, type Scene, writers } from '../../../../test/support/access';

async function createItem({ api, user, word }: Scene): Promise<{ id: string; sku: string }> {
  const { body } = await api.request('POST', '/v1/items', { as: user, body: { sku: word(), name: 'Lamp' } });
  return body as { id: string; sku: string };
}

const NDJSON = { 'content-type': 'application/x-ndjson' };

/** The owner or an administrator; that there is such an item, everyone may know. */
const owners = (status: number) => ({ ...writers(status), otherUser: 'not_allowed' });

const ACCESS: Access = {
  listItems: { ask: () => ['GET', '/v1/items'], gives: everyone(200) },
  getItems: {
    ask: async (scene) => ['GET', `/v1/items/batch?ids=${(await createItem(scene)).id}`],
    gives: everyone(200),
  },
  getItem: { ask: async (scene) => ['GET', `/v1/items/${(await createItem(scene)).id}`], gives: everyone(200) },
  getItemBySku: {
    ask: async (scene) => ['GET', `/v1/items/by-sku/${(await createItem(scene)).sku}`],
    gives: everyone(200),
  },
  createItem: { ask: ({ word }) => ['POST', '/v1/items', { body: { sku: word(), name: 'N' } }], gives: writers(201) },
  updateItem: {
    ask: async (scene) => ['PATCH', `/v1/items/${(await createItem(scene)).id}`, { body: { name: 'New' } }],
    gives: owners(200),
  },
  putItem: {
    ask: async (scene) => ['PUT', `/v1/items/by-sku/${(await createItem(scene)).sku}`, { body: { name: 'New' } }],
    gives: owners(200),
  },
  deleteItem: { ask: async (scene) => ['DELETE', `/v1/items/${(await createItem(scene)).id}`], gives: owners(204) },
  // One's own first: the refusal of the second undoes it.
  changeItems: {
    ask: async (scene) => {
      const { id } = await createItem(scene);
      const creation = { op: 'create', item: { sku: scene.word(), name: 'N' } };
      return ['POST', '/v1/items/batch', { body: { operations: [creation, { op: 'delete', id }] } }];
    },
    gives: owners(200),
  },
  // A line of somebody else's is reported, and the others are in.
  importItems: {
    ask: async (scene) => {
      const items = [
        { sku: scene.word(), name: 'N' },
        { sku: (await createItem(scene)).sku, name: 'New' },
      ];
      const body = items.map((one) => `${JSON.stringify(one)}\n`).join('');
      return ['POST', '/v1/items/import', { headers: NDJSON, body }];
    },
    gives: writers(200),
  },
  exportItems: { ask: () => ['GET', '/v1/items/export?format=ndjson'], gives: everyone(200) },
};

describeAccess('items', ACCESS);
