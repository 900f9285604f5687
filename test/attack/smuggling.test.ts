// Requests whose end is a matter of opinion, sent to the service and through both proxies: nobody may see a second request in them.
import { describeWith } from '../support/programs';
import { HOP, PROXIES, type Proxy } from '../support/proxies';
import { Raw, type RawAnswer } from '../support/raw';
import { digestOf } from '../support/refusal';
import { attack } from '../support/target';

/** What must not become a request: nothing has this path, so that its arrival can be counted. */
const HIDDEN = 'GET /smuggled HTTP/1.1\r\nHost: a\r\nX: ';
/** All but what a balancer asks by itself. */
const ASKED = '(?!/health/ready)[^"]+';
const NEXT = 'GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n';

const scene = attack();

const BODY = '{"name":""}';
const hex = (text: string) => text.length.toString(16);
const chunked = (text: string, end = '\r\n') => `${hex(text)}\r\n${text}\r\n0\r\n${end}`;

/** Each is one request at most; all of it is sent, and then the next. */
const SHAPES: [name: string, headers: string, body: string][] = [
  ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${HIDDEN}`],
  [
    'chunks and a length',
    `Transfer-Encoding: chunked\r\nContent-Length: ${HIDDEN.length + 5}\r\n`,
    `0\r\n\r\n${HIDDEN}`,
  ],
  ['two lengths', `Content-Length: 0\r\nContent-Length: ${HIDDEN.length}\r\n`, HIDDEN],
  ['two lengths, the longer first', `Content-Length: ${HIDDEN.length}\r\nContent-Length: 0\r\n`, HIDDEN],
  ['the same length twice', 'Content-Length: 11\r\nContent-Length: 11\r\n', BODY],
  ['a list of lengths', `Content-Length: 0, ${HIDDEN.length}\r\n`, HIDDEN],
  ['a length with a sign', `Content-Length: +${HIDDEN.length}\r\n`, HIDDEN],
  ['a length below nothing', 'Content-Length: -1\r\n', HIDDEN],
  ['a hexadecimal length', `Content-Length: 0x${hex(HIDDEN)}\r\n`, HIDDEN],
  ['a length beyond numbers', 'Content-Length: 18446744073709551616\r\n', HIDDEN],
  ['an empty length', 'Content-Length: \r\n', HIDDEN],
  ['a length with a blank before its colon', `Content-Length : ${HIDDEN.length}\r\n`, HIDDEN],
  ['a length on the next line', `Content-Length:\r\n ${HIDDEN.length}\r\n`, HIDDEN],
  ['a length behind a bare LF', `X: y\nContent-Length: ${HIDDEN.length}\r\n`, HIDDEN],
  ['a length behind a bare CR', `X: y\rContent-Length: ${HIDDEN.length}\r\n`, HIDDEN],
  ['a length behind NUL', `X: y\0\r\nContent-Length: ${HIDDEN.length}\r\n`, HIDDEN],
  ['an underscore', `Content_Length: ${HIDDEN.length}\r\nContent-Length: 11\r\n`, BODY],
  ...[
    'xchunked',
    'chunked, identity',
    'identity, chunked',
    'gzip, chunked',
    'chunked, chunked',
    'chunked;q=1',
    '"chunked"',
    'chunked\x0b',
    '\x0bchunked',
    'identity',
    'chunke',
    'ch\u00adunked',
    '',
  ].map((coding): [string, string, string] => [
    `the coding ${JSON.stringify(coding)}`,
    `Transfer-Encoding: ${coding}\r\n`,
    `0\r\n\r\n${HIDDEN}`,
  ]),
  ['a coding on the next line', 'Transfer-Encoding:\r\n chunked\r\n', `0\r\n\r\n${HIDDEN}`],
  ['a coding with a blank before its colon', 'Transfer-Encoding : chunked\r\n', `0\r\n\r\n${HIDDEN}`],
  ['a coding behind a blank', ' Transfer-Encoding: chunked\r\n', `0\r\n\r\n${HIDDEN}`],
  ['two codings', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', `0\r\n\r\n${HIDDEN}`],
  ['two codings, the other first', 'Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${HIDDEN}`],
  ...[
    ['a chunk with an extension', chunked(BODY).replace('\r\n', ';a=b\r\n')],
    ['a chunk with a bare LF in its extension', `2;a\nxx\r\n${chunked(HIDDEN)}`],
    ['a chunk that ends with a bare LF', `${hex(HIDDEN)}\n${HIDDEN}\n0\n\n`],
    ['a chunk with 0x', `0x${hex(HIDDEN)}\r\n${HIDDEN}\r\n0\r\n\r\n`],
    ['a chunk of a size beyond numbers', `10000000000000000${hex(HIDDEN)}\r\n${HIDDEN}\r\n0\r\n\r\n`],
    ['a chunk of a size below nothing', `-1\r\n${HIDDEN}\r\n0\r\n\r\n`],
    ['a chunk longer than it says', `1\r\n${HIDDEN}\r\n0\r\n\r\n`],
    ['a chunk with a bad end', `b\r\n${BODY}XX0\r\n\r\n`],
    ['a trailer', chunked(BODY, 'X: y\r\n\r\n')],
    ['a trailer with a length', chunked(BODY, `Content-Length: ${HIDDEN.length}\r\n\r\n`)],
    ['a trailer with a coding', chunked(BODY, 'Transfer-Encoding: identity\r\n\r\n')],
  ].map(([name, body]): [string, string, string] => [name as string, 'Transfer-Encoding: chunked\r\n', body as string]),
];

const request = (headers: string, start = 'PUT /v1/items/by-sku/x HTTP/1.1') =>
  `${start}\r\nHost: a\r\nAuthorization: Bearer ${scene.owner.token}\r\nContent-Type: application/json\r\n${headers}\r\n`;

/** Sends the shape and the next request behind it, until that is answered or the connection ends; gives what the service answered. */
async function strike(port: number, text: string): Promise<RawAnswer[]> {
  const raw = await Raw.open(port);
  try {
    await raw.send(text, NEXT);
    const answers = await raw.until(2);
    const [first, second] = answers;
    // What became of a body that was taken: refused for what it says, or part of what comes next, which then is none.
    if (first) expect([400, 408, 411, 413, 415, 422, 501]).toContain(first.status);
    expect(answers.length).toBeLessThanOrEqual(2);
    if (second?.status === 200) expect(second.body).toBe('{"status":"ok"}');
    // A proxy may read a request in it, as long as it knows that it did.
    else if (!HOP.test(second?.headers['x-request-id'] ?? '')) expect([undefined, 400]).toContain(second?.status);
    return answers.filter(({ headers }) => headers['x-request-id'] !== undefined);
  } finally {
    raw.close();
  }
}

/** Whoever is next on the proxy's connections gets what it asked for. */
async function isClean(port: number): Promise<void> {
  for (let time = 0; time < 3; time++) {
    const answer = await fetch(`http://127.0.0.1:${port}/health/live`);
    expect([answer.status, await answer.text()]).toEqual([200, '{"status":"ok"}']);
  }
}

function suite(port: () => number, isProxy: boolean): void {
  it.each(SHAPES)('%s', async (_name, headers, body) => {
    const stored = await digestOf(scene.target.api);
    const arrived = await scene.target.requests(ASKED);
    const answers = await strike(port(), request(headers) + body);
    expect((await scene.target.requests(ASKED)) - arrived).toBe(answers.length);
    if (isProxy) for (const one of answers) expect(one.headers['x-request-id']).toMatch(HOP);
    await isClean(port());
    expect(await digestOf(scene.target.api)).toEqual(stored);
  });

  it.each([
    ['GET /health/live HTTP/1.1', `Content-Length: ${HIDDEN.length}\r\n`],
    ['GET /v1/items HTTP/1.1', `Content-Length: ${HIDDEN.length}\r\n`],
    ['HEAD /v1/items HTTP/1.1', `Content-Length: ${HIDDEN.length}\r\n`],
  ])('a body of %s stays a body', async (start, headers) => {
    const raw = await Raw.open(port());
    const hidden = await scene.target.requests('unmatched');
    await raw.send(request(headers, start) + HIDDEN, NEXT);
    // The length that an answer to HEAD tells is of a body that never comes: what follows it can't be told from one.
    const expected = start.startsWith('HEAD') ? [400] : [400, 200];
    const answers = await raw.until(expected.length);
    raw.close();
    expect(answers.slice(0, expected.length).map(({ status }) => status)).toEqual(expected);
    await isClean(port());
    expect(await scene.target.requests('unmatched')).toBe(hidden);
  });
}

describe('directly', () => suite(() => scene.target.port, false));

for (const [program, start] of PROXIES)
  describeWith(program, `through ${program}`, (path) => {
    let proxy: Proxy;
    beforeAll(async () => {
      proxy = await start(path, [scene.target.port]);
    });
    afterAll(() => proxy?.stop());
    suite(() => proxy.port, true);
  });
