import { type Access, admins, describeAccess, type Scene } from '../../../../test/support/access';

const NO_KEY = { readKey: 'session_required', writeKey: 'session_required' };
const gives = (status: number) => ({ ...admins(status), ...NO_KEY });

const bodyOf = (word: string) => ({ name: word, url: `https://supplier.example/${word}`, format: 'ndjson' });

async function made({ api, word }: Scene, url: string, body: object = bodyOf(word())): Promise<string> {
  const admin = await api.createAccount({ role: 'admin' });
  return (await api.request('POST', url, { as: admin, body })).body.id as string;
}
const feed = (scene: Scene): Promise<string> => made(scene, '/v1/feeds');
const job = (scene: Scene): Promise<string> => made(scene, '/v1/feeds/refresh', {});

const ACCESS: Access = {
  listFeeds: { ask: () => ['GET', '/v1/feeds'], gives: gives(200) },
  createFeed: { ask: ({ word }) => ['POST', '/v1/feeds', { body: bodyOf(word()) }], gives: gives(201) },
  getFeed: { ask: async (scene) => ['GET', `/v1/feeds/${await feed(scene)}`], gives: gives(200) },
  updateFeed: {
    ask: async (scene) => ['PATCH', `/v1/feeds/${await feed(scene)}`, { body: { enabled: false } }],
    gives: gives(200),
  },
  deleteFeed: { ask: async (scene) => ['DELETE', `/v1/feeds/${await feed(scene)}`], gives: gives(204) },
  refreshFeeds: { ask: () => ['POST', '/v1/feeds/refresh', { body: {} }], gives: gives(202) },
  getJob: { ask: async (scene) => ['GET', `/v1/jobs/${await job(scene)}`], gives: gives(200) },
  watchJob: {
    // Of no feed, since nobody reads one here: it is done at once.
    ask: async (scene) => {
      const id = await job(scene);
      await scene.api.request('DELETE', `/v1/jobs/${id}`, { as: await scene.api.createAccount({ role: 'admin' }) });
      return ['GET', `/v1/jobs/${id}/events`];
    },
    gives: gives(200),
  },
  cancelJob: { ask: async (scene) => ['DELETE', `/v1/jobs/${await job(scene)}`], gives: gives(204) },
};

describeAccess('feeds', ACCESS);
