import { lossesOf, type Run } from './results';
import type { Result } from './scenario';
import { summaryOf } from './summary';

const round = (perSecond: number) => ({ perSecond, cpuMicroseconds: 1e6 / perSecond, p50Ms: 1, p99Ms: 2 });
const runOf = (result: Result): Run => ({
  at: '2026-01-31T12:00:00.000Z',
  command: 'npm run bench',
  machine: { cpu: 'one', cores: 2, node: 'v20' },
  items: 1,
  source: 'demo',
  rows: 1,
  rounds: 1,
  seconds: 1,
  connections: 1,
  chapters: [{ name: 'item', title: 'an item', result }],
});
const summary = (name: string, perSecond: number) => summaryOf(name, [round(perSecond)], [round(perSecond)]);

it('tells of a goal that was missed, and of a rival that was faster', () => {
  const goals = [
    { what: 'Floodgate / node:http', value: 0.9, target: 1, bound: 'least' as const },
    { what: 'reached', value: 2, target: 1, bound: 'least' as const },
    { what: 'never measured', value: NaN, target: 1, bound: 'most' as const },
  ];
  const summaries = [summary('node:http', 100), summary('Floodgate', 90), summary('fast', 180), summary('slow', 10)];
  expect(lossesOf(runOf({ goals, summaries })).map(({ sentence }) => sentence)).toEqual([
    'Floodgate / node:http is 0.90, to reach: ≥ 1',
    'never measured is NaN, to reach: ≤ 1',
    'Floodgate / fast is 0.50',
  ]);
});

it('tells of a scenario that has no figure', () => {
  const failures = [{ chapter: 'soak', sentence: 'no figure: an answer was a refusal' }];
  expect(lossesOf({ ...runOf({}), failures })).toEqual(failures);
});

it('says nothing of a table without Floodgate', () => {
  expect(lossesOf(runOf({ summaries: [summary('a', 1), summary('b', 2)] }))).toEqual([]);
});
