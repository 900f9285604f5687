// Another server that speaks the same paths, beside Floodgate: its own newest items and its first page.
import type { Server } from './child';
import { type Contestant, hold } from './contest';
import type { Options } from './options';
import { itemsOf } from './reads';
import { type Ask, ask } from './requests';
import { FLOODGATE, floodgate } from './rivals';
import type { Scenario } from './scenario';
import type { World } from './world';

const PAGE: Ask = { path: '/v1/items?limit=20' };
const NEWEST = 20;

/** A process of elsewhere: neither its CPU time nor its memory can be read. */
const foreign = (url: string, asks: readonly Ask[]): Contestant => ({
  name: url,
  start: (): Promise<Server> => Promise.resolve({ url, pid: NaN, stop: () => Promise.resolve() }),
  asks,
});

const scenarioOf = (
  name: string,
  title: string,
  asksOf: (url: string) => Promise<Ask[]>,
  ours: (world: World) => Ask[],
) => ({
  name,
  title,
  run: async (world: World, options: Options) => {
    const url = options.against ?? '';
    const contestants = [foreign(url, await asksOf(url)), floodgate(world)];
    const contest = { name, status: 200, asks: ours(world), contestants };
    return { summaries: await hold(contest, options, world.directory) };
  },
});

/** Those of a run with `--against`. */
export const against: readonly Scenario[] = [
  scenarioOf(
    'against-item',
    `the ${NEWEST} items of the first page by id, ${FLOODGATE} beside another server`,
    listed,
    (world) => itemsOf(world, NEWEST),
  ),
  scenarioOf(
    'against-page',
    `GET ${PAGE.path}, ${FLOODGATE} beside another server`,
    async () => [PAGE],
    () => [PAGE],
  ),
];

/** @throws Error with a sentence when its list is none */
async function listed(url: string): Promise<Ask[]> {
  const { status, body } = await ask(url, PAGE);
  if (status !== 200) throw new Error(`${url}${PAGE.path} answered ${status}.`);
  const page = JSON.parse(body.toString()) as unknown;
  const rows = Array.isArray(page) ? page : Object.values(page as object).find(Array.isArray);
  const ids = ((rows ?? []) as { id?: string | number }[]).flatMap(({ id }) => id ?? []);
  if (ids.length === 0) throw new Error(`${url}${PAGE.path} lists nothing that has an id.`);
  return ids.map((id) => ({ path: `/v1/items/${id}` }));
}
