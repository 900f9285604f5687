import { type Costs, describeCosts, type Stage } from '../../../../test/support/costs';

async function createItem({ api, owner, word }: Stage): Promise<{ id: string; sku: string }> {
  const { body } = await api.request('POST', '/v1/items', { as: owner, body: { sku: word(), name: 'Lamp' } });
  return body as { id: string; sku: string };
}

const NDJSON = { 'content-type': 'application/x-ndjson' };

// Where a caller has to log in, a cold run looks him and his session up: two statements.
const COSTS: Costs = {
  listItems: { ask: () => ['GET', '/v1/items'], status: 200, cold: 1, warm: 0 },
  'listItems, with owners': {
    ask: async (stage) => ['GET', `/v1/items?sku=${(await createItem(stage)).sku}&include=owner`],
    status: 200,
    cold: 2,
    warm: 0,
  },
  'listItems, counted': { ask: () => ['GET', '/v1/items?count=exact'], status: 200, cold: 2, warm: 0 },
  'listItems, estimated': { ask: () => ['GET', '/v1/items?count=estimated'], status: 200, cold: 2, warm: 0 },
  'listItems, searched': { ask: () => ['GET', '/v1/items?q=lamp'], status: 200, cold: 1, warm: 0 },
  getItems: {
    ask: async (stage) => [
      'GET',
      `/v1/items/batch?ids=${(await createItem(stage)).id},${(await createItem(stage)).id}`,
    ],
    status: 200,
    cold: 1,
    warm: 0,
  },
  getItem: {
    ask: async (stage) => ['GET', `/v1/items/${(await createItem(stage)).id}`],
    status: 200,
    cold: 1,
    warm: 0,
  },
  getItemBySku: {
    ask: async (stage) => ['GET', `/v1/items/by-sku/${(await createItem(stage)).sku}`],
    status: 200,
    cold: 1,
    warm: 0,
  },
  createItem: {
    ask: ({ owner, word }) => ['POST', '/v1/items', { as: owner, body: { sku: word(), name: 'N' } }],
    status: 201,
    cold: 3,
    warm: 1,
  },
  // BEGIN with the claim, the item, the outcome with COMMIT.
  'createItem, with a key': {
    ask: ({ owner, word }) => {
      const headers = { 'idempotency-key': word() };
      return ['POST', '/v1/items', { as: owner, headers, body: { sku: word(), name: 'N' } }];
    },
    status: 201,
    cold: 5,
    warm: 3,
  },
  'createItem, repeated': {
    ask: async ({ api, owner, word }) => {
      const ask = { as: owner, headers: { 'idempotency-key': word() }, body: { sku: word(), name: 'N' } };
      await api.request('POST', '/v1/items', ask);
      return ['POST', '/v1/items', ask];
    },
    status: 201,
    cold: 4,
    warm: 2,
  },
  updateItem: {
    ask: async (stage) => [
      'PATCH',
      `/v1/items/${(await createItem(stage)).id}`,
      { as: stage.owner, body: { name: 'New', attributes: { colour: 'red' } } },
    ],
    status: 200,
    cold: 3,
    warm: 1,
  },
  'updateItem, if it has a version': {
    ask: async (stage) => {
      const { id } = await createItem(stage);
      return [
        'PATCH',
        `/v1/items/${id}`,
        { as: stage.owner, headers: { 'if-match': `"${id}.1"` }, body: { stock: 2 } },
      ];
    },
    status: 200,
    cold: 3,
    warm: 1,
  },
  // The attempt, then BEGIN with the lock, and COMMIT.
  'updateItem, to what it is': {
    ask: async (stage) => [
      'PATCH',
      `/v1/items/${(await createItem(stage)).id}`,
      { as: stage.owner, body: { name: 'Lamp' } },
    ],
    status: 200,
    cold: 5,
    warm: 3,
  },
  'updateItem, in another version': {
    ask: async (stage) => [
      'PATCH',
      `/v1/items/${(await createItem(stage)).id}`,
      { as: stage.owner, headers: { 'if-match': '"other"' }, body: { stock: 2 } },
    ],
    status: 412,
    cold: 5,
    warm: 3,
  },
  putItem: {
    ask: ({ owner, word }) => ['PUT', `/v1/items/by-sku/${word()}`, { as: owner, body: { name: 'N' } }],
    status: 201,
    cold: 3,
    warm: 1,
  },
  'putItem, in place of another': {
    ask: async (stage) => [
      'PUT',
      `/v1/items/by-sku/${(await createItem(stage)).sku}`,
      { as: stage.owner, body: { name: 'N' } },
    ],
    status: 200,
    cold: 3,
    warm: 1,
  },
  'putItem, if it is there': {
    ask: async (stage) => [
      'PUT',
      `/v1/items/by-sku/${(await createItem(stage)).sku}`,
      { as: stage.owner, headers: { 'if-match': '*' }, body: { name: 'N' } },
    ],
    status: 200,
    cold: 5,
    warm: 3,
  },
  deleteItem: {
    ask: async (stage) => ['DELETE', `/v1/items/${(await createItem(stage)).id}`, { as: stage.owner }],
    status: 204,
    cold: 3,
    warm: 1,
  },
  // BEGIN, the locks, an INSERT and an UPDATE between SAVEPOINT and RELEASE, COMMIT; what is so already costs nothing.
  changeItems: {
    ask: async (stage) => {
      const [{ id }, { sku }] = [await createItem(stage), await createItem(stage)];
      const operations = [
        { op: 'create', item: { sku: stage.word(), name: 'N' } },
        { op: 'update', id, changes: { stock: 7 } },
        { op: 'upsert', sku, item: { name: 'N' } },
      ];
      return ['POST', '/v1/items/batch', { as: stage.owner, body: { operations } }];
    },
    status: 200,
    cold: 9,
    warm: 7,
  },
  importItems: {
    ask: ({ owner, word }) => {
      const body = `${JSON.stringify({ sku: word(), name: 'N' })}\n`;
      return ['POST', '/v1/items/import', { as: owner, headers: NDJSON, body }];
    },
    status: 200,
    cold: 5,
    warm: 3,
  },
  // A transaction around a cursor: whoever exports does not fill the caches.
  exportItems: { ask: () => ['GET', '/v1/items/export?format=ndjson'], status: 200, cold: 5, warm: 5 },
};

describeCosts('items', COSTS);
