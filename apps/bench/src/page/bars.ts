// Requests a second of one scenario: a bar each, the spread of its rounds, and the ratio to the first row.
import type { Summary } from '../summary';
import { shown } from '../tables';
import { line, picture, rect, SIDE, text, ticks, WIDTH } from './svg';

const ROW = 34;
const BAR = 18;
const TOP = 62;
const LEFT = 212;
const RIGHT = 144;

/** @param own the name that is to be seen first */
export function bars(title: string, summaries: readonly Summary[], own: string): string {
  const scale = ticks(Math.max(...summaries.map(({ perSecond }) => perSecond.max)));
  const x = (value: number): number => LEFT + (value / (scale.at(-1) as number)) * (WIDTH - LEFT - RIGHT);
  const bottom = TOP + summaries.length * ROW;
  const grid = scale.map((value) => line(x(value), TOP - 6, x(value), bottom, 'grid') + axis(x(value), bottom, value));
  const rows = summaries.map(({ name, perSecond, ratio }, at) => {
    const y = TOP + at * ROW;
    const middle = y + BAR / 2;
    const isOwn = name === own;
    return [
      text(LEFT - 12, middle + 4.5, name, isOwn ? 'own' : '', 'end'),
      rect(LEFT, y, x(perSecond.median) - LEFT, BAR, isOwn ? 'var(--own)' : 'var(--bar)'),
      line(x(perSecond.min), middle, x(perSecond.max), middle, 'spread'),
      ...[perSecond.min, perSecond.max].map((end) => line(x(end), middle - 4, x(end), middle + 4, 'spread')),
      text(WIDTH - RIGHT + 10, middle + 4.5, shown(perSecond.median), isOwn ? 'own' : ''),
      text(WIDTH - SIDE, middle + 4.5, `${ratio.median.toFixed(2)} ×`, 'soft', 'end'),
    ].join('');
  });
  const heading =
    text(SIDE, 28, title, 'title') + text(SIDE, 46, 'requests a second, median of the rounds', 'soft small');
  return picture(bottom + 28, title, heading + grid.join('') + rows.join(''));
}

const axis = (x: number, bottom: number, value: number): string =>
  text(x, bottom + 14, value >= 1_000 ? `${value / 1_000} k` : String(value), 'soft small', 'middle');
