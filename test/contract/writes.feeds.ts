// What each operation that writes does to feeds and jobs, as in `writes.ts`.
import type { Reply } from '../support/api';
import type { Stage, Thing, Write } from './writes';

export function writesOfFeeds(stage: Stage): Record<string, Write> {
  const change = (method: string, url: string, body?: object): Promise<Reply> =>
    stage.api.request(method, url, { as: stage.admin, body });
  const bodyOf = ({ sku }: Thing): object => ({ name: sku, url: 'https://supplier.example/all', format: 'ndjson' });
  const feedOf = async (of: Thing): Promise<string> =>
    (await change('POST', '/v1/feeds', bodyOf(of))).body.id as string;
  const jobOf = async (of: Thing): Promise<string> =>
    (await change('POST', '/v1/feeds/refresh', { feedIds: [await feedOf(of)] })).body.id as string;
  /** Of what the write is about, once that is there. */
  const shown = (base: string, { made }: Thing, expected: object): ReturnType<Write['shows']> => [
    made === undefined ? base : `${base}/${made}`,
    made === undefined ? { status: 200 } : expected,
    { as: stage.admin },
  ];

  return {
    createFeed: {
      send: async (of) => {
        const reply = await change('POST', '/v1/feeds', bodyOf(of));
        of.made = reply.body.id as string;
        return reply;
      },
      shows: (of) => shown('/v1/feeds', of, { status: 200, body: { name: of.sku } }),
    },
    updateFeed: {
      send: async (of) => change('PATCH', `/v1/feeds/${(of.made = await feedOf(of))}`, { enabled: false }),
      shows: (of) => shown('/v1/feeds', of, { status: 200, body: { enabled: false } }),
    },
    deleteFeed: {
      send: async (of) => change('DELETE', `/v1/feeds/${(of.made = await feedOf(of))}`),
      shows: (of) => shown('/v1/feeds', of, { status: 404 }),
    },
    refreshFeeds: {
      send: async (of) => {
        const reply = await change('POST', '/v1/feeds/refresh', { feedIds: [await feedOf(of)] });
        of.made = reply.body.id as string;
        return reply;
      },
      shows: (of) => [of.made ? `/v1/jobs/${of.made}` : '/v1/feeds', { status: 200 }, { as: stage.admin }],
    },
    cancelJob: {
      send: async (of) => change('DELETE', `/v1/jobs/${(of.made = await jobOf(of))}`),
      shows: (of) => [
        of.made ? `/v1/jobs/${of.made}` : '/v1/feeds',
        { status: 200, body: of.made ? { state: 'cancelled' } : {} },
        { as: stage.admin },
      ],
    },
  };
}
