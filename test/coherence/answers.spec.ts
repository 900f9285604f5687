import { type Answer, AnswerReader, headerOf } from './answers';

const ANSWERS =
  'HTTP/1.1 200 OK\r\nETag: "a.1"\r\ncontent-length: 5\r\n\r\nhello' +
  'HTTP/1.1 304 Not Modified\r\netag: "a.1"\r\ncontent-length: 9\r\n\r\n' +
  'HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nCache-Status: floodgate; hit\r\n\r\n{}';

function read(pieces: readonly string[], isHead = () => false): Answer[] {
  const reader = new AnswerReader(isHead);
  const answers: Answer[] = [];
  for (const piece of pieces) reader.read(Buffer.from(piece), (answer) => answers.push(answer));
  return answers;
}

const shown = (answers: readonly Answer[]) => answers.map(({ status, body }) => [status, body.toString()]);

it('cuts answers out of whatever pieces they come in', () => {
  const expected = [
    [200, 'hello'],
    [304, ''],
    [404, '{}'],
  ];
  expect(shown(read([ANSWERS]))).toEqual(expected);
  expect(shown(read([...ANSWERS]))).toEqual(expected);
  for (let at = 1; at < ANSWERS.length; at++)
    expect(shown(read([ANSWERS.slice(0, at), ANSWERS.slice(at)]))).toEqual(expected);
});

it('reads headers in any case, and none that are absent', () => {
  const [first, , last] = read([ANSWERS]);
  expect(headerOf(first as Answer, 'etag')).toBe('"a.1"');
  expect(headerOf(last as Answer, 'cache-status')).toBe('floodgate; hit');
  expect(headerOf(last as Answer, 'etag')).toBeUndefined();
});

it('knows that the answer to HEAD has no body', () => {
  const [head, get] = [
    'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
  ];
  const waiting = [true, false];
  const reader = new AnswerReader(() => waiting[0] === true);
  const bodies: string[] = [];
  reader.read(Buffer.from(`${head}${get}`), ({ body }) => {
    waiting.shift();
    bodies.push(body.toString());
  });
  expect(bodies).toEqual(['', 'ok']);
});

it('refuses what has no length', () => {
  expect(() => read(['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'])).toThrow('Not an answer');
});
