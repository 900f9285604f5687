import { zipf } from './zipf';

it('draws in proportion to the power of the rank', () => {
  const draw = zipf(4, 1);
  const counts = [0, 0, 0, 0];
  const draws = 25_000;
  for (let at = 0; at < draws; at++) counts[draw(at / draws)]!++;
  // 1 + 1/2 + 1/3 + 1/4 = 25/12
  expect(counts.map((count) => Math.round(count / 1_000))).toEqual([12, 6, 4, 3]);
});

it('stays within its bounds', () => {
  const draw = zipf(10);
  expect(draw(0)).toBe(0);
  expect(draw(1 - 2 ** -53)).toBe(9);
});
