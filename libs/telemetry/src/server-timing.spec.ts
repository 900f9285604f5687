import { serverTiming } from './server-timing';

test.each([
  [{}, ''],
  [{ total: 12 }, 'total;dur=12'],
  [{ total: 12.345678, db: 0.1 }, 'total;dur=12.346, db;dur=0.1'],
  [{ total: 0.0000001 }, 'total;dur=0'],
  [{ broken: NaN, endless: Infinity, total: 1 }, 'total;dur=1'],
  [
    { 'two words': 1, 'x\r\nset-cookie: a=b': 2, 'a,b;c="d"': 3 },
    'two_words;dur=1, x__set-cookie__a_b;dur=2, a_b_c__d_;dur=3',
  ],
])('%j becomes %j', (durations, header) => {
  expect(serverTiming(durations)).toBe(header);
});
