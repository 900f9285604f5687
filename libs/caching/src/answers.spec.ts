import { Answers } from './answers';
import { KeptAnswer } from './kept-answer';

const answerTo = (key: string) =>
  new KeptAnswer({ key, route: '/', tags: [], expiresAt: Infinity, body: '{}', headers: { etag: '"1"' } });

/** Letters that may as well be written in percent. */
const spelt = (path: string, serial: number) =>
  `${path}?q=${serial.toString(2).replaceAll('1', '%71').replaceAll('0', 'q')}`;

it('an answer has a bounded length of URLs, however it is spelt', () => {
  const answers = new Answers({ corsOrigins: [], trustProxy: [] });
  const answer = answerTo('q');
  for (let serial = 0; serial < 1_000; serial++) answers.name(answer, spelt(`/v1/${'x'.repeat(200)}`, serial));
  expect(answer.urls.join('').length).toBeLessThanOrEqual(1_000);
  const long = `/v1/${'x'.repeat(1_900)}`;
  answers.name(answer, long);
  expect(answer.urls).toEqual([long]);
});

it('a long question takes its share of the memory', () => {
  expect(answerTo('q'.repeat(8_000)).bytes - answerTo('').bytes).toBe(16_000);
});
