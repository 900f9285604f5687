import type { Rule, Violation } from '../rule';
import type { SourceFile } from '../source-file';

const MAX_LINES = 220;
const MAX_TEST_LINES = 250;
const MEDIAN_LINES = 60;
const NINE_OF_TEN_LINES = 130;

const HINT = 'Split it along a word of the business (items.import.ts), or move the second thing that it does out';

const isCounted = ({ path, isCode }: SourceFile): boolean => isCode && !path.includes('/migrations/');
const byLength = (files: readonly SourceFile[]): SourceFile[] =>
  files.filter((file) => isCounted(file) && !file.isTest).sort((a, b) => a.lineCount - b.lineCount);

export const fileLength: Rule = (files) =>
  files.filter(isCounted).flatMap((file): Violation[] => {
    const budget = file.isTest ? MAX_TEST_LINES : MAX_LINES;
    if (file.lineCount <= budget) return [];
    return [{ file, message: `has ${file.lineCount} lines, and ${budget} are the most`, hint: HINT }];
  });

export const medianLength: Rule = (files) => {
  const sorted = byLength(files);
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  if (!median || median.lineCount <= MEDIAN_LINES) return [];
  const message = `is the median file with ${median.lineCount} lines, and ${MEDIAN_LINES} are the most`;
  return [{ file: median, message, hint: `Many files do more than one thing: ${longest(sorted)}` }];
};

export const nineOfTen: Rule = (files) => {
  const sorted = byLength(files);
  const ninth = sorted[Math.ceil(sorted.length * 0.9) - 1];
  if (!ninth || ninth.lineCount < NINE_OF_TEN_LINES) return [];
  const message = `has ${ninth.lineCount} lines, and nine of ten files stay under ${NINE_OF_TEN_LINES}`;
  return [{ file: ninth, message, hint: `Split some of the longest: ${longest(sorted)}` }];
};

const longest = (sorted: readonly SourceFile[]): string =>
  sorted
    .slice(-5)
    .reverse()
    .map(({ path, lineCount }) => `${path} (${lineCount})`)
    .join(', ');
