// What a fleet asks of its servers, by its size: lines as they are computed, dots as they were simulated.
import { curve, decades, dot, line, picture, SIDE, text, WIDTH } from '../page/svg';
import { shown } from '../tables';
import type { Point } from './report';

const TOP = 104;
const HEIGHT = 300;
const LEFT = 84;
const RIGHT = 28;

const SERIES = [
  { name: 'polls (PostgreSQL)', colour: 'var(--own)', of: (one: Point['computed']) => one.polls },
  { name: 'reads that memory lacks', colour: 'var(--s0)', of: (one: Point['computed']) => one.misses },
  { name: 'loads (PostgreSQL)', colour: 'var(--s4)', of: (one: Point['computed']) => one.loads },
  { name: 'wake-ups heard (Redis)', colour: 'var(--s1)', of: (one: Point['computed'], n: number) => one.publishes * n },
] as const;

export function plotOf(title: string, words: string, points: readonly Point[]): string {
  const series = SERIES.map(({ of, ...rest }) => ({
    ...rest,
    computed: points.map((point) => of(point.computed, point.instances)),
    simulated: points.map((point) => of(point.simulated, point.instances)),
  })).filter(({ computed }) => computed.every((value) => value > 0));
  const scale = decades(series.flatMap(({ computed, simulated }) => [...computed, ...simulated.filter(Boolean)]));
  const [low, high] = [Math.log10(scale[0] as number), Math.log10(scale.at(-1) as number)];
  const sizes = points.map(({ instances }) => instances);
  const [least, most] = [Math.log10(Math.min(...sizes)), Math.log10(Math.max(...sizes))];
  const x = (size: number): number =>
    LEFT + ((Math.log10(size) - least) / (most - least || 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => TOP + HEIGHT - ((Math.log10(value) - low) / (high - low)) * HEIGHT;
  const grid = scale.map(
    (value) =>
      line(LEFT, y(value), WIDTH - RIGHT, y(value), 'grid') +
      text(LEFT - 8, y(value) + 4, shown(value), 'soft small', 'end'),
  );
  const below = sizes.map((size) => text(x(size), TOP + HEIGHT + 18, shown(size), 'soft small', 'middle'));
  const curves = series.map(({ colour, computed, simulated }) => {
    const dots = simulated.map((value, at) => (value > 0 ? dot(x(sizes[at] as number), y(value), colour) : ''));
    return (
      curve(
        computed.map((value, at) => [x(sizes[at] as number), y(value)] as const),
        colour,
      ) + dots.join('')
    );
  });
  const heading = text(SIDE, 28, title, 'title') + text(SIDE, 46, words, 'soft small');
  const content = heading + legend(series) + grid.join('') + below.join('') + curves.join('');
  const axis = text((LEFT + WIDTH - RIGHT) / 2, TOP + HEIGHT + 38, 'instances', 'soft small', 'middle');
  return picture(TOP + HEIGHT + 52, title, content + axis);
}

function legend(series: readonly { readonly name: string; readonly colour: string }[]): string {
  let x = SIDE;
  return series
    .map(({ name, colour }) => {
      const at = x;
      x += 30 + name.length * 6.6;
      return dot(at + 4, 70, colour) + text(at + 13, 74, name, 'small');
    })
    .join('');
}
