// Resident memory over the time of a load.
import type { MemorySeries } from '../scenario';
import { colourOf } from './colours';
import { curve, line, picture, SIDE, text, ticks, WIDTH } from './svg';

const TOP = 66;
const HEIGHT = 190;
const LEFT = 64;
const MOST = 200;

export function memory(title: string, series: readonly MemorySeries[]): string {
  const scale = ticks(Math.max(MOST, ...series.flatMap(({ mebibytes }) => mebibytes)));
  const lasted = Math.max(1, ...series.flatMap(({ seconds }) => seconds));
  const x = (seconds: number): number => LEFT + (seconds / lasted) * (WIDTH - LEFT - SIDE);
  const y = (mebibytes: number): number => TOP + HEIGHT - (mebibytes / (scale.at(-1) as number)) * HEIGHT;
  const grid = scale.map(
    (value) =>
      line(LEFT, y(value), WIDTH - SIDE, y(value), 'grid') +
      text(LEFT - 8, y(value) + 4, String(value), 'soft small', 'end'),
  );
  const times = ticks(lasted)
    .filter((seconds) => seconds <= lasted)
    .map((seconds) => text(x(seconds), TOP + HEIGHT + 18, `${seconds} s`, 'soft small', 'middle'));
  const curves = series.map(({ name, seconds, mebibytes }) =>
    curve(
      seconds.map((at, index) => [x(at), y(mebibytes[index] as number)] as const),
      colourOf(name),
    ),
  );
  const bound =
    line(LEFT, y(MOST), WIDTH - SIDE, y(MOST), 'bound') +
    text(WIDTH - SIDE, y(MOST) - 6, 'to stay under: 200 MiB', 'boundary small', 'end');
  const heading =
    text(SIDE, 28, title, 'title') + text(SIDE, 46, 'resident memory of the process, in MiB', 'soft small');
  return picture(TOP + HEIGHT + 34, title, heading + grid.join('') + times.join('') + bound + curves.join(''));
}
