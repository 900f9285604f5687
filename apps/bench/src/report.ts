// Tables for a terminal; the first row is what the others are divided by.
import { type Table, tablesOf } from './tables';
import type { Result } from './scenario';

export const textOf = (title: string, result: Result): string =>
  `\n${title}\n${tablesOf(result).map(linesOf).join('\n')}\n`;

export function linesOf({ head, rows }: Table): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const padded = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0);
  return all.map((row) => `${row.map(padded).join('  ')}\n`).join('');
}
