// Latency by percentile at each rate, on a logarithmic scale: one panel a rate, one curve a server.
import type { Latencies } from '../scenario';
import { shown } from '../tables';
import { colourOf } from './colours';
import { curve, decades, dot, line, picture, SIDE, text, WIDTH } from './svg';

const TOP = 112;
const HEIGHT = 230;
const LEFT = 64;
const GAP = 54;
const NAMES = ['p50', 'p90', 'p99', 'p99.9', 'max'];

const valuesOf = ({ p50Ms, p90Ms, p99Ms, p999Ms, maxMs }: Latencies): number[] => [p50Ms, p90Ms, p99Ms, p999Ms, maxMs];

export function percentiles(title: string, latencies: readonly Latencies[]): string {
  const rates = [...new Set(latencies.map(({ perSecond }) => perSecond))];
  const names = [...new Set(latencies.map(({ name }) => name))];
  const scale = decades(latencies.flatMap(valuesOf));
  const [low, high] = [Math.log10(scale[0] as number), Math.log10(scale.at(-1) as number)];
  const y = (value: number): number => TOP + HEIGHT - ((Math.log10(value) - low) / (high - low)) * HEIGHT;
  const width = (WIDTH - LEFT - SIDE - (rates.length - 1) * GAP) / rates.length;
  const panel = (rate: number, at: number): string => {
    const left = LEFT + at * (width + GAP);
    const x = (column: number): number => left + 14 + (column / (NAMES.length - 1)) * (width - 28);
    const grid = scale.map((value) => line(left, y(value), left + width, y(value), 'grid')).join('');
    const marks = scale.map((value) => text(left - 8, y(value) + 4, `${value}`, 'soft small', 'end')).join('');
    const below = NAMES.map((name, column) => text(x(column), TOP + HEIGHT + 18, name, 'soft small', 'middle')).join(
      '',
    );
    const curves = latencies
      .filter(({ perSecond }) => perSecond === rate)
      .map((one) => {
        const points = valuesOf(one).map((value, column) => [x(column), y(value)] as const);
        return curve(points, colourOf(one.name)) + points.map(([px, py]) => dot(px, py, colourOf(one.name))).join('');
      });
    return text(left, TOP - 12, `${shown(rate)} requests/s`, 'own') + grid + marks + below + curves.join('');
  };
  const heading =
    text(SIDE, 28, title, 'title') +
    text(SIDE, 46, 'milliseconds from the moment when a request was due', 'soft small');
  const content = heading + legend(names) + rates.map(panel).join('');
  return picture(TOP + HEIGHT + 34, title, content);
}

function legend(names: readonly string[]): string {
  let x = SIDE;
  return names
    .map((name) => {
      const at = x;
      x += 30 + name.length * 6.6;
      return dot(at + 4, 62, colourOf(name)) + text(at + 13, 66, name, 'small');
    })
    .join('');
}
