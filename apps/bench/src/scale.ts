// The same reads over a small and a large table.
import { type Contestant, hold } from './contest';
import { type LargeTable, largeTable } from './databases';
import { floodgate } from './rivals';
import { atLeast, type Scenario } from './scenario';
import { asksOf, UNCACHED } from './uncached';
import type { World } from './world';

const SMALL = 10_000;
const ASKED_BEFORE = 50;
const nameOf = (rows: number): string => `${rows} rows`;

const contestantOf = (world: World, table: LargeTable): Contestant => ({
  ...floodgate(world, { ...UNCACHED, DATABASE_URL: table.url }),
  name: nameOf(table.rows),
  asks: asksOf(table),
});

export const scale: Scenario = {
  name: 'scale',
  title: 'uncached reads by id: the large table beside one of ten thousand rows',
  isLong: true,
  run: async (world, options) => {
    const [small, large] = [await largeTable(world, SMALL), await largeTable(world, options.rows)];
    const contestants = [contestantOf(world, small), contestantOf(world, large)];
    const contest = { name: 'scale', status: 200, asks: asksOf(large), askedBefore: ASKED_BEFORE, contestants };
    const summaries = await hold(contest, options, world.directory);
    const ratio = summaries[1]?.ratio.median ?? NaN;
    return { summaries, goals: [atLeast(`${nameOf(options.rows)} / ${nameOf(SMALL)}`, ratio, 0.9)] };
  },
};
