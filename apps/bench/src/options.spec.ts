import { optionsOf } from './options';
import { scenariosOf } from './suites';

it.each([
  [['--rounds', '0'], '--rounds must be a whole number from 1.'],
  [['--soak', '0'], '--soak must be a number of minutes above 0.'],
  [['--against', 'localhost:80'], '--against must be an http:// URL.'],
  [['--quick', '--publish'], 'A quick run says whether it runs, not how fast: it is not published.'],
])('%j is refused', (args, sentence) => expect(() => optionsOf(args)).toThrow(sentence));

it('has more rows when large, and fewer when quick', () => {
  const rows = [[], ['--large'], ['--quick'], ['--quick', '--rows', '7']].map((args) => optionsOf(args).rows);
  expect(rows).toEqual([1_000_000, 10_000_000, 50_000, 7]);
});

describe('a suite', () => {
  const namesOf = (suite: string, ...args: string[]): string[] =>
    scenariosOf(suite, optionsOf(args)).map(({ name }) => name);

  it('leaves out what takes long when quick, unless it is named', () => {
    expect(namesOf('all')).toContain('many');
    expect(namesOf('all', '--quick')).not.toContain('many');
    expect(namesOf('all', '--quick', '--only', 'many')).toEqual(['many']);
  });

  it('has another server only when there is one', () => {
    expect(namesOf('all')).not.toContain('against-item');
    expect(namesOf('all', '--against', 'http://127.0.0.1:1')).toContain('against-item');
  });

  it('names what there is', () => {
    expect(() => namesOf('all', '--only', 'none')).toThrow(/^No scenario none; there are item, /);
    expect(() => namesOf('other')).toThrow('Say which: all, cache, guard.');
  });
});
