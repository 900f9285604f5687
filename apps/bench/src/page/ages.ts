// How old what each server showed was at the most, on a logarithmic scale, beside the promise.
import type { Staleness } from '../scenario';
import { shown } from '../tables';
import { decades, line, picture, rect, SIDE, text, WIDTH } from './svg';

const ROW = 34;
const BAR = 18;
const TOP = 80;
const LEFT = 212;
const RIGHT = 216;
const PROMISED_MS = 100;

export function ages(title: string, staleness: readonly Staleness[], own: string): string {
  const scale = decades([1, 1_000, ...staleness.map(({ maxMs }) => Math.max(maxMs, 1))]);
  const [low, high] = [Math.log10(scale[0] as number), Math.log10(scale.at(-1) as number)];
  const x = (value: number): number =>
    LEFT + Math.max(0, (Math.log10(Math.max(value, 1)) - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
  const bottom = TOP + staleness.length * ROW;
  const grid = scale.map(
    (value) =>
      line(x(value), TOP - 6, x(value), bottom, 'grid') +
      text(x(value), bottom + 14, shown(value), 'soft small', 'middle'),
  );
  const rows = staleness.map(({ name, maxMs, staleReads, reads }, at) => {
    const y = TOP + at * ROW;
    const isOwn = name === own;
    const share = `${((staleReads / reads) * 100).toFixed(staleReads > 0 && staleReads / reads < 0.001 ? 3 : 1)} % of reads stale`;
    return [
      text(LEFT - 12, y + BAR / 2 + 4.5, name, isOwn ? 'own' : '', 'end'),
      staleReads === 0 ? '' : rect(LEFT, y, x(maxMs) - LEFT, BAR, isOwn ? 'var(--own)' : 'var(--bar)'),
      text(WIDTH - RIGHT + 12, y + BAR / 2 + 4.5, staleReads === 0 ? 'none' : `${shown(maxMs)} ms`, isOwn ? 'own' : ''),
      text(WIDTH - SIDE, y + BAR / 2 + 4.5, staleReads === 0 ? '' : share, 'soft small', 'end'),
    ].join('');
  });
  const promise =
    line(x(PROMISED_MS), TOP - 8, x(PROMISED_MS), bottom, 'bound') +
    text(x(PROMISED_MS), TOP - 13, 'promised: 100 ms', 'boundary small', 'middle');
  const heading =
    text(SIDE, 28, title, 'title') +
    text(SIDE, 46, 'the oldest state that was shown, in ms after a newer one was acknowledged', 'soft small');
  return picture(bottom + 28, title, heading + grid.join('') + rows.join('') + promise);
}
