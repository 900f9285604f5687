import { type Costs, describeCosts, type Stage } from '../../../../test/support/costs';

const bodyOf = (word: string) => ({ name: word, url: `https://supplier.example/${word}`, format: 'ndjson' });

const made = async ({ api, admin, word }: Stage, url: string, body: object = bodyOf(word())): Promise<string> =>
  (await api.request('POST', url, { as: admin, body })).body.id as string;
const feed = (stage: Stage): Promise<string> => made(stage, '/v1/feeds');
const job = (stage: Stage): Promise<string> => made(stage, '/v1/feeds/refresh', {});

// A cold run looks up the account and its session: two statements.
const COSTS: Costs = {
  listFeeds: { ask: ({ admin }) => ['GET', '/v1/feeds', { as: admin }], status: 200, cold: 3, warm: 1 },
  createFeed: {
    ask: ({ admin, word }) => ['POST', '/v1/feeds', { as: admin, body: bodyOf(word()) }],
    status: 201,
    cold: 3,
    warm: 1,
  },
  getFeed: {
    ask: async (stage) => ['GET', `/v1/feeds/${await feed(stage)}`, { as: stage.admin }],
    status: 200,
    cold: 3,
    warm: 1,
  },
  updateFeed: {
    ask: async (stage) => ['PATCH', `/v1/feeds/${await feed(stage)}`, { as: stage.admin, body: { enabled: false } }],
    status: 200,
    cold: 3,
    warm: 1,
  },
  // BEGIN with all that is deleted; COMMIT.
  deleteFeed: {
    ask: async (stage) => ['DELETE', `/v1/feeds/${await feed(stage)}`, { as: stage.admin }],
    status: 204,
    cold: 4,
    warm: 2,
  },
  // Which feeds there are; BEGIN with the job, its runs, COMMIT; how far it is. However many feeds there are.
  refreshFeeds: {
    ask: ({ admin }) => ['POST', '/v1/feeds/refresh', { as: admin, body: {} }],
    status: 202,
    cold: 7,
    warm: 5,
  },
  // The job, and the outcome of each feed.
  getJob: {
    ask: async (stage) => ['GET', `/v1/jobs/${await job(stage)}`, { as: stage.admin }],
    status: 200,
    cold: 4,
    warm: 2,
  },
  // Whether there is one; a look, and the outcomes since.
  watchJob: {
    ask: async (stage) => {
      await feed(stage);
      const id = await job(stage);
      await stage.api.request('DELETE', `/v1/jobs/${id}`, { as: stage.admin });
      return ['GET', `/v1/jobs/${id}/events`, { as: stage.admin }];
    },
    status: 200,
    cold: 5,
    warm: 3,
  },
  // BEGIN with the lock of its runs; the job, the runs, their places in its events; COMMIT.
  cancelJob: {
    ask: async (stage) => {
      await feed(stage);
      return ['DELETE', `/v1/jobs/${await job(stage)}`, { as: stage.admin }];
    },
    status: 204,
    cold: 7,
    warm: 5,
  },
};

describeCosts('feeds', COSTS);
