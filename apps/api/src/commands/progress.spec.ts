import { PassThrough } from 'node:stream';
import { progressLine, showProgress } from './progress';

it.each([
  [{ rows: 0, share: 0 }, 0, '░░░░░░░░░░░░░░░░░░░░░░░░ 0 % · 0 rows, 0 a second'],
  [{ rows: 1_500, share: 0.25 }, 500, '██████░░░░░░░░░░░░░░░░░░ 25 % · 1,500 rows, 3,000 a second, 2 s left'],
  [
    { rows: 90_000, share: 0.1 },
    30_000,
    '██░░░░░░░░░░░░░░░░░░░░░░ 10 % · 90,000 rows, 3,000 a second, 4 min 30 s left',
  ],
  [{ rows: 9, share: 1 }, 3_000, '████████████████████████ 100 % · 9 rows, 3 a second, 0 s left'],
  [{ rows: 1_500 }, 500, '1,500 rows, 3,000 a second'],
])('%j after %d ms is %s', (measure, elapsedMs, line) => {
  expect(progressLine(measure, elapsedMs)).toBe(line);
});

it('draws on a terminal until it is done, and elsewhere not at all', async () => {
  const [terminal, file] = [true, false].map((isTTY) => Object.assign(new PassThrough(), { isTTY }) as never);
  const hide = [terminal, file].map((stream) => showProgress(() => ({ rows: 1 }), stream as never));
  const drawn = terminal as unknown as PassThrough;
  await new Promise((resolve) => drawn.once('readable', resolve));
  hide.forEach((one) => one());
  expect(String(drawn.read())).toMatch(/^\r1 rows, \d+ a second\x1b\[K\r\x1b\[K$/);
  expect((file as unknown as PassThrough).read()).toBeNull();
});
