// Cached reads: the service beside a bare server of Node that says the same, and beside Nest's own cache.
import { type Contestant, hold } from './contest';
import {
  fastifyConstant,
  FLOODGATE,
  floodgate,
  NEST_MEMORY,
  NEST_REDIS,
  nestInMemory,
  nestOnRedis,
  NODE_HTTP,
  nodeHttp,
} from './rivals';
import type { Server } from './child';
import { type Ask, ask, type Reply } from './requests';
import { atLeast, type Goal, type Scenario } from './scenario';
import { startService } from './service';
import { ratioOf, type Summary } from './summary';
import type { World } from './world';

interface Read {
  readonly name: string;
  readonly title: string;
  readonly status: 200 | 304;
  readonly asks: (world: World, service: Server) => readonly Ask[] | Promise<readonly Ask[]>;
  /** Beside node:http. */
  readonly rivals?: (world: World, reply: Reply) => readonly Contestant[];
  readonly isLong?: boolean;
}

const HOT = 100;
const MANY = 50_000;
const PAGE = '/v1/items?limit=20';

/** The newest. */
export const itemsOf = ({ ids }: World, count: number): Ask[] =>
  ids.slice(-count).map((id) => ({ path: `/v1/items/${id}` }));
export const hotItems = (world: World): Ask[] => itemsOf(world, HOT);

const nestCaches = (world: World): Contestant[] => [
  nestInMemory(world, world.databaseUrl),
  nestOnRedis(world, world.databaseUrl),
];

const item: Read = {
  name: 'item',
  title: `an item by id, ${HOT} hot ones`,
  status: 200,
  asks: hotItems,
  rivals: (world, reply) => [fastifyConstant(world, reply), ...nestCaches(world)],
};
const notModified: Read = { name: 'not-modified', title: 'the same with If-None-Match', status: 304, asks: knownItems };
const page: Read = {
  name: 'page',
  title: `GET ${PAGE}`,
  status: 200,
  asks: () => [{ path: PAGE }],
  rivals: nestCaches,
  isLong: true,
};
const pageGzip: Read = {
  name: 'page-gzip',
  title: `GET ${PAGE}, gzip`,
  status: 200,
  asks: () => [{ path: PAGE, headers: { 'accept-encoding': 'gzip' } }],
  isLong: true,
};
const many: Read = {
  name: 'many',
  title: `an item by id, at random among ${MANY} if there are that many`,
  status: 200,
  asks: (world) => itemsOf(world, MANY),
  rivals: nestCaches,
  isLong: true,
};

/** As many rivals as a check needs that must not take long. */
const guarded: readonly Read[] = [
  { ...item, rivals: (world) => [nestInMemory(world, world.databaseUrl)] },
  notModified,
];

const scenarioOf = (read: Read): Scenario => ({
  name: read.name,
  title: read.title,
  isLong: read.isLong,
  run: async (world, options) => {
    const { asks, reply } = await scout(world, read);
    const contestants = [nodeHttp(world, reply), floodgate(world), ...(read.rivals?.(world, reply) ?? [])];
    const summaries = await hold({ ...read, asks, contestants }, options, world.directory);
    return { summaries, goals: goalsOf(summaries) };
  },
});

export const cachedReads: readonly Scenario[] = [item, notModified, page, pageGzip, many].map(scenarioOf);
export const guardedReads: readonly Scenario[] = guarded.map(scenarioOf);

const TARGETS = { [NODE_HTTP]: 1, [NEST_MEMORY]: 3, [NEST_REDIS]: 6 };

const goalsOf = (summaries: readonly Summary[]): Goal[] =>
  Object.entries(TARGETS)
    .filter(([rival]) => summaries.some(({ name }) => name === rival))
    .map(([rival, target]) => atLeast(`${FLOODGATE} / ${rival}`, ratioOf(summaries, FLOODGATE, rival), target));

async function knownItems(world: World, { url }: Server): Promise<Ask[]> {
  const known = async (one: Ask): Promise<Ask> => {
    const { headers } = await ask(url, one);
    return { ...one, headers: { 'if-none-match': headers['etag'] ?? '' } };
  };
  return Promise.all(hotItems(world).map(known));
}

/** What to ask, and what a server says that always says the same: the service's own answer, one of middling length. */
async function scout(world: World, read: Read): Promise<{ asks: readonly Ask[]; reply: Reply }> {
  const service = await startService(world);
  try {
    const asks = await read.asks(world, service);
    const replies = await Promise.all(asks.slice(0, HOT).map((each) => keptReply(service, each)));
    const sorted = replies.sort((a, b) => a.body.length - b.body.length);
    return { asks, reply: sorted[sorted.length >> 1] as Reply };
  } finally {
    await service.stop();
  }
}

/** Asked until it is kept in the form that was asked for. */
export async function keptReply({ url }: Server, asked: Ask): Promise<Reply> {
  for (let attempt = 0; ; attempt++) {
    const reply = await ask(url, asked);
    const isKept = (reply.headers['cache-status'] ?? '').includes('hit');
    const isInForm =
      asked.headers?.['accept-encoding'] === undefined || reply.headers['content-encoding'] !== undefined;
    if ((isKept && isInForm) || attempt === 20) return reply;
  }
}
