import { type Inputs, publishedOf, readInputs } from './inputs';
import { needsOf } from './needs';
import { optionsOf } from './options';
import { plotOf } from './plot';
import { pointsOf } from './report';

const inputs: Inputs = readInputs();
const small = ['--instances', '1,10', '--items', '100', '--events', '2000', '--requests-per-second', '1000'];

it.each([
  [['--instances', '1,x'], '--instances must be a whole number from 1.'],
  [['--instances', ''], '--instances must be a whole number from 1.'],
  [['--requests-per-second', '-1'], "'--requests-per-second' argument is ambiguous"],
  [['--requests-per-second=-1'], '--requests-per-second must be a whole number from 1.'],
  [['--write-rate', '1.5'], '--write-rate must be a whole number from 0.'],
  [['--zipf', 'steep'], '--zipf must be a number from 0 to below 10.'],
  [['--staleness', '10'], '--staleness must be a whole number from 20.'],
  [['--redis', 'yes'], '--redis must be on or off.'],
  [['--instance', '3'], "Unknown option '--instance'"],
])('%j is refused', (args, sentence) => expect(() => optionsOf(args, inputs)).toThrow(sentence));

it('takes what the service takes unless it is told', () => {
  const { load, cacheMb } = optionsOf([], inputs);
  expect({ Δ: load.stalenessMs, cacheMb, redis: load.isWithRedis }).toEqual({ Δ: 100, cacheMb: 64, redis: true });
  expect(load.kept).toBe(Math.floor((64 * 2 ** 20) / inputs.measured.itemBytes));
});

it('names the option whose file is missing', () =>
  expect(() => publishedOf('/none.json')).toThrow('--bench: there is no file /none.json'));

it('finds what gives way first', () => {
  const load = { ...optionsOf([], inputs).load, instances: 100, readsPerSecond: 1_000, writesPerSecond: 0 };
  const traffic = { polls: 4_000, misses: 0, loads: 0, publishes: 0 };
  const needs = needsOf(load, traffic, inputs, { postgresCores: 1_000, connections: 500 });
  expect(needs.connections).toBe(1_500);
  expect(needs.used.connections).toBe(3);
  expect(needs.postgres).toBeCloseTo((4_000 * inputs.measured.poll) / 1e6, 6);
});

it('draws a dot for each figure that was simulated', () => {
  const points = pointsOf(optionsOf(small, inputs), inputs);
  const svg = plotOf('a title', 'words', points);
  expect(svg.match(/<polyline/g)).toHaveLength(4);
  // Four more stand in the legend.
  expect(svg.match(/<circle/g)?.length).toBeGreaterThan(4 + points.length);
  expect(svg).not.toMatch(/NaN|Infinity/);
});
