// Cached reads: the service beside a bare server of Node that says the same, and beside Nest's own cache.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pinned, serve, type Server } from './child';
import { type Contestant, hold } from './contest';
import { baseline } from './paths';
import { type Ask, ask, type Reply } from './requests';
import type { Scenario } from './scenario';
import { startService } from './service';
import type { World } from './world';

interface Read {
  readonly name: string;
  readonly title: string;
  readonly status: 200 | 304;
  readonly asks: (world: World, service: Server) => readonly Ask[] | Promise<readonly Ask[]>;
  /** What Nest's own cache can do as well. */
  readonly isCommon: boolean;
}

const HOT = 100;
const MANY = 50_000;
const PAGE = '/v1/items?limit=20';
const LISTENING = /listening on (http:\S+)/;

/** Node writes these itself. */
const OF_CONNECTION = ['date', 'connection', 'keep-alive'];

/** The newest. */
export const itemsOf = ({ ids }: World, count: number): Ask[] =>
  ids.slice(-count).map((id) => ({ path: `/v1/items/${id}` }));
export const hotItems = (world: World): Ask[] => itemsOf(world, HOT);

const reads: readonly Read[] = [
  { name: 'item', title: `an item by id, ${HOT} hot ones`, status: 200, asks: hotItems, isCommon: true },
  { name: 'not-modified', title: 'the same with If-None-Match', status: 304, asks: knownItems, isCommon: false },
  { name: 'page', title: `GET ${PAGE}`, status: 200, asks: () => [{ path: PAGE }], isCommon: true },
  {
    name: 'page-gzip',
    title: `GET ${PAGE}, gzip`,
    status: 200,
    asks: () => [{ path: PAGE, headers: { 'accept-encoding': 'gzip' } }],
    isCommon: false,
  },
  {
    name: 'many',
    title: `an item by id, at random among ${MANY} if there are that many`,
    status: 200,
    asks: (world) => itemsOf(world, MANY),
    isCommon: true,
  },
];

export const cachedReads: readonly Scenario[] = reads.map((read) => ({
  name: read.name,
  title: read.title,
  run: async (world, options) => {
    const { asks, reply } = await scout(world, read);
    const service: Contestant = { name: 'Floodgate', start: () => startService(world) };
    const rivals = read.isCommon ? [nestWith(world, 'memory'), nestWith(world, world.redisUrl)] : [];
    const contestants = [constantOf(world, read.name, reply), service, ...rivals];
    return hold({ name: read.name, status: read.status, asks, contestants }, options, world.directory);
  },
}));

async function knownItems(world: World, { url }: Server): Promise<Ask[]> {
  const known = async (item: Ask): Promise<Ask> => {
    const { headers } = await ask(url, item);
    return { ...item, headers: { 'if-none-match': headers['etag'] ?? '' } };
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
async function keptReply({ url }: Server, asked: Ask): Promise<Reply> {
  for (let attempt = 0; ; attempt++) {
    const reply = await ask(url, asked);
    const isKept = (reply.headers['cache-status'] ?? '').includes('hit');
    const isInForm =
      asked.headers?.['accept-encoding'] === undefined || reply.headers['content-encoding'] !== undefined;
    if ((isKept && isInForm) || attempt === 20) return reply;
  }
}

function constantOf({ directory }: World, name: string, { status, headers, body }: Reply): Contestant {
  const file = join(directory, `${name}.answer`);
  const isText = headers['content-encoding'] === undefined;
  const repeated = Object.fromEntries(Object.entries(headers).filter(([header]) => !OF_CONNECTION.includes(header)));
  const answer = { status, headers: repeated, body: body.toString(isText ? 'utf8' : 'base64'), isText };
  writeFileSync(file, JSON.stringify(answer));
  return { name: 'node:http', start: () => serve(pinned(baseline('node-http'), [file]), LISTENING) };
}

const nestWith = ({ databaseUrl }: World, cache: string): Contestant => ({
  name: `CacheInterceptor, ${cache === 'memory' ? 'memory' : 'Redis'}`,
  start: () => serve(pinned(baseline('nest-cache-interceptor'), [databaseUrl, cache]), LISTENING),
});
