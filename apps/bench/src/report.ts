import type { Spread } from './statistics';
import type { Summary } from './summary';

const HEAD = [
  '',
  'req/s',
  '± %',
  'ratio',
  'from',
  'to',
  'CPU µs',
  'CPU ratio',
  'p50 ms',
  'p99 ms',
  'RSS MiB',
  'hits %',
];

/** A table of text, for people; the first row is what the others are divided by. */
export function tableOf(title: string, summaries: readonly Summary[]): string {
  const rows = [HEAD, ...summaries.map(rowOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
  return `\n${title}\n${lines.join('\n')}\n`;
}

function rowOf({
  name,
  perSecond,
  ratio,
  cpuMicroseconds,
  cpuRatio,
  p50Ms,
  p99Ms,
  residentMebibytes,
  hits,
}: Summary): string[] {
  return [
    name,
    perSecond.median.toFixed(0),
    halfWidthPercent(perSecond).toFixed(0),
    ...[ratio.median, ratio.min, ratio.max].map((value) => value.toFixed(3)),
    cpuMicroseconds.median.toFixed(1),
    cpuRatio.median.toFixed(3),
    p50Ms.toFixed(2),
    p99Ms.toFixed(2),
    residentMebibytes?.toFixed(0) ?? '',
    hits === undefined ? '' : (hits * 100).toFixed(1),
  ];
}

const halfWidthPercent = ({ median, min, max }: Spread): number => ((max - min) / 2 / median) * 100;
