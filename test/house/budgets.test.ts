import { placeOf, type Rule } from './rule';
import { fileLength, medianLength, nineOfTen } from './rules/budgets';
import { SourceFile } from './source-file';

const treeOf = (lengths: Record<string, number>): SourceFile[] =>
  Object.entries(lengths).map(([path, length]) => new SourceFile(path, 'export {};\n'.repeat(length)));

/** Ten files; nine of them as given. */
const ten = (lines: number, tenth: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`libs/clock/src/${n}.ts`, n < 9 ? lines : tenth]));

const rows: [name: string, rule: Rule, lengths: Record<string, number>, places: string[]][] = [
  ['220 lines', fileLength, { 'apps/api/src/main.ts': 220 }, []],
  ['221 lines', fileLength, { 'apps/api/src/main.ts': 221 }, ['apps/api/src/main.ts']],
  ['a script of 221 lines', fileLength, { 'tools/run.mjs': 221 }, ['tools/run.mjs']],
  ['a test of 250 lines', fileLength, { 'apps/api/src/items/items.test.ts': 250 }, []],
  ['a test of 251 lines', fileLength, { 'libs/clock/src/clock.spec.ts': 251 }, ['libs/clock/src/clock.spec.ts']],
  ['a long migration', fileLength, { 'apps/api/migrations/1767225600000-items.ts': 900 }, []],
  ['a long page', fileLength, { 'docs/operating.md': 900 }, []],

  ['a median of 60', medianLength, { 'a.ts': 1, 'b.ts': 60, 'c.ts': 61 }, []],
  ['a median of 61', medianLength, { 'a.ts': 1, 'b.ts': 61, 'c.ts': 62 }, ['b.ts']],
  ['a median of 61 with short tests', medianLength, { 'a.ts': 61, 'a.spec.ts': 1, 'b.spec.ts': 1 }, ['a.ts']],
  ['no files', medianLength, {}, []],

  ['nine of ten under 130', nineOfTen, ten(129, 220), []],
  ['eight of ten under 130', nineOfTen, { ...ten(129, 220), 'libs/clock/src/0.ts': 130 }, ['libs/clock/src/0.ts']],
  ['long tests', nineOfTen, { 'a.ts': 1, 'a.spec.ts': 250 }, []],
];

it.each(rows)('%s', (_, rule, lengths, places) => {
  expect(rule(treeOf(lengths)).map(placeOf)).toEqual(places);
});

it('names the longest files, and says what to do', () => {
  const [violation] = medianLength(treeOf({ 'a.ts': 70, 'b.ts': 80 }));
  expect(violation).toMatchObject({
    message: 'is the median file with 70 lines, and 60 are the most',
    hint: 'Many files do more than one thing: b.ts (80), a.ts (70)',
  });
});
