import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FirstLines } from './first-lines';

/** Of one byte and of 256, with all that lies between: enough for many pages and buckets. */
const textOf = (n: number): string => `${n % 3 === 0 ? '€' : ''}${(n * 7_919).toString(36)}${'💡'.repeat(n % 60)}`;

it('says on which line a text came first, and lists all in their order', () => {
  const lines = new FirstLines();
  const known = new Map<string, number>();
  const wrong: string[] = [];
  for (let line = 1; line < 30_000; line++) {
    const text = textOf(line % 20_000);
    if (lines.add(text, line) !== known.get(text)) wrong.push(text);
    if (!known.has(text)) known.set(text, line);
  }
  for (let n = 0; n < 30_000; n++) if (lines.lineOf(textOf(n)) !== known.get(textOf(n))) wrong.push(textOf(n));
  expect(wrong).toEqual([]);
  expect([...lines].join()).toBe([...known.keys()].join());
});

it('keeps texts of up to 256 bytes, and says what it does not keep', () => {
  const lines = new FirstLines();
  const [most, more] = ['💡'.repeat(64), `${'💡'.repeat(64)}a`];
  expect([lines.lineOf(most), lines.add(most, 2 ** 32 - 1), lines.lineOf(most)]).toEqual([
    undefined,
    undefined,
    2 ** 32 - 1,
  ]);
  expect([lines.lineOf(more), lines.lineOf('')]).toEqual([undefined, undefined]);
  for (const none of [more, '']) expect(() => lines.add(none, 1)).toThrow(RangeError);
  expect([...lines]).toEqual([most]);
});

it('takes the text and some fifteen bytes for each', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const alive = (): number => {
    // Buffers of what was collected are counted until the next time.
    collect();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = alive();
  const lines = new FirstLines();
  const count = 100_000;
  for (let n = 0; n < count; n++) lines.add(`SKU-OF-16-${100_000 + n}`, n);
  expect(alive() - before).toBeLessThan(count * (16 + 20));
  expect(lines.lineOf('SKU-OF-16-100000')).toBe(0);
});
