// What arrives on the wire and is not an ordinary request: refused in so many words, or closed, and never waited for.
import { randomBytes } from 'node:crypto';
import type { Account } from '../support/api';
import { bareTurnMs, maxTurnMs } from '../support/loop-probe';
import { Raw, type RawAnswer } from '../support/raw';
import { attack } from '../support/target';

const HOST = 'Host: a\r\n';

const scene = attack();

const codeOf = ({ body }: RawAnswer): string | undefined => (JSON.parse(body || '{}') as { code?: string }).code;

describe('refused', () => {
  const malformed = [400, 'malformed_request'] as const;
  const notHere = [405, 'method_not_allowed'] as const;

  it.each<[name: string, text: string | Buffer, status: number, code: string]>([
    ['two hosts', `GET /v1/items HTTP/1.1\r\n${HOST}Host: b\r\n\r\n`, ...malformed],
    ['the same host twice', `GET /v1/items HTTP/1.1\r\n${HOST}${HOST}\r\n`, ...malformed],
    ['two hosts in other letters', `GET /v1/items HTTP/1.1\r\nHOST: a\r\nhost: b\r\n\r\n`, ...malformed],
    [
      'a second host behind 2,100 headers',
      `GET / HTTP/1.1\r\n${HOST}${'a:\r\n'.repeat(2_100)}Host: b\r\n\r\n`,
      ...malformed,
    ],
    ['no host', 'GET /v1/items HTTP/1.1\r\n\r\n', ...malformed],
    ['two hosts in one', 'GET /v1/items HTTP/1.1\r\nHost: a, b\r\n\r\n', ...malformed],
    ['a host and a path', 'GET /v1/items HTTP/1.1\r\nHost: a/v1/users\r\n\r\n', ...malformed],
    ['a host with a user', 'GET /v1/items HTTP/1.1\r\nHost: a@b\r\n\r\n', ...malformed],
    ['HTTP/0.9', 'GET /v1/items\r\n\r\n', ...malformed],
    ['HTTP/1.2', `GET /v1/items HTTP/1.2\r\n${HOST}\r\n`, ...malformed],
    ['HTTP/2.0', `GET /v1/items HTTP/2.0\r\n${HOST}\r\n`, ...malformed],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', ...malformed],
    ['TLS', Buffer.concat([Buffer.from('1603010200010001fc0303', 'hex'), randomBytes(500)]), ...malformed],
    ['noise', randomBytes(60_000), ...malformed],
    ['a method that nobody knows', `FOO /v1/items HTTP/1.1\r\n${HOST}\r\n`, ...malformed],
    ['a path that is not encoded', `GET /v1/items/by-sku/\xff HTTP/1.1\r\n${HOST}\r\n`, ...malformed],
    ['NUL in a path', `GET /v1/items\0 HTTP/1.1\r\n${HOST}\r\n`, ...malformed],
    ['NUL in a header', `GET /v1/items HTTP/1.1\r\n${HOST}X: a\0b\r\n\r\n`, ...malformed],
    ['a header without a name', `GET /v1/items HTTP/1.1\r\n${HOST}: x\r\n\r\n`, ...malformed],
    ['a header without a colon', `GET /v1/items HTTP/1.1\r\n${HOST}X\r\n\r\n`, ...malformed],
    ['a tunnel', `CONNECT db:5432 HTTP/1.1\r\n${HOST}\r\n`, ...notHere],
    ['TRACE', `TRACE /v1/items HTTP/1.1\r\n${HOST}Cookie: canary\r\n\r\n`, ...notHere],
    ['OPTIONS of everything', `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`, ...notHere],
    ['an asterisk', `GET * HTTP/1.1\r\n${HOST}\r\n`, 404, 'not_found'],
    ['a great expectation', `GET /v1/items HTTP/1.1\r\n${HOST}Expect: cake\r\n\r\n`, 417, 'expectation_failed'],
    ['17 KiB of headers', `GET / HTTP/1.1\r\n${HOST}X: ${'x'.repeat(17_408)}\r\n\r\n`, 431, 'headers_too_large'],
    ['20,000 headers', `GET / HTTP/1.1\r\n${HOST}${'a:\r\n'.repeat(20_000)}\r\n`, 431, 'headers_too_large'],
    ['a URL of 9 KB', `GET /${'x'.repeat(9_000)} HTTP/1.1\r\n${HOST}\r\n`, 414, 'uri_too_long'],
    [
      'a body without a type',
      `POST /v1/items HTTP/1.1\r\n${HOST}Content-Length: 2\r\n\r\n{}`,
      415,
      'unsupported_media_type',
    ],
  ])('%s', async (_name, text, status, code) => {
    const answers = await scene.target.withstands(() => scene.target.write(text, 1));
    expect(answers.map((one) => [one.status, codeOf(one)])).toEqual([[status, code]]);
    expect(answers[0]).toMatchObject({
      headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
      body: expect.not.stringContaining('canary') as string,
    });
  });
});

describe('ordinary after all', () => {
  it.each<[name: string, text: string]>([
    ['HTTP/1.0 without a host', 'GET /health/live HTTP/1.0\r\n\r\n'],
    ['the whole address', `GET http://elsewhere.example/health/live HTTP/1.1\r\n${HOST}\r\n`],
    ['a wish for WebSocket', `GET /health/live HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`],
    [
      'a wish for HTTP/2',
      `GET /health/live HTTP/1.1\r\n${HOST}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`,
    ],
    ['100-continue for no body', `GET /health/live HTTP/1.1\r\n${HOST}Expect: 100-continue\r\n\r\n`],
    ['empty lines before it', `\r\n\r\nGET /health/live HTTP/1.1\r\n${HOST}\r\n`],
    ['a host with a port', 'GET /health/live HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n'],
  ])('%s', async (_name, text) => {
    const count = text.includes('100-continue') ? 2 : 1;
    const answers = await scene.target.withstands(() => scene.target.write(text, count));
    expect(answers.at(-1)).toMatchObject({ status: 200, body: '{"status":"ok"}' });
  });
});

describe('a body that breaks off', () => {
  it.each(['application/json', 'application/x-www-form-urlencoded', 'application/x-ndjson', 'text/plain'])(
    'harms nobody else: %s',
    async (type) => {
      const { target, owner } = scene;
      const path = type === 'application/x-ndjson' ? '/v1/items/import' : '/v1/items';
      const head = `POST ${path} HTTP/1.1\r\n${HOST}Authorization: Bearer ${owner.token}\r\nContent-Type: ${type}\r\n`;
      for (const end of ['destroy', 'end', 'resetAndDestroy'] as const) {
        const raw = await Raw.open(target.port);
        await raw.send(`${head}Content-Length: 100\r\n\r\n{"sku":`);
        raw.socket[end]();
        await raw.closed;
        expect(await target.ask('GET', '/health/live')).toMatchObject({ status: 200 });
      }
    },
  );
});

describe('a packet full of requests', () => {
  const packetOf = (line: string): string => {
    const one = `${line}\r\n${HOST}\r\n`;
    return one.repeat(65_536 / one.length);
  };
  /** After so many the code for it has been compiled, which takes longer than a packet does. */
  const COMPILED_AFTER = 3;

  beforeAll(async () => {
    for (let n = 0; n < COMPILED_AFTER; n++) await scene.target.write(packetOf('GET / HTTP/1.1'));
  });

  it.each(['GET / HTTP/1.1', 'GET /v1/items HTTP/1.1', 'POST /v1/items HTTP/1.1', 'GET /v1/users/me HTTP/1.1'])(
    'of %s is cut off',
    async (line) => {
      // Node reads it to its end, whatever becomes of it.
      const bareMs = 2 * (await bareTurnMs(packetOf(line)));
      const answers = await scene.target.withstands(
        () => scene.target.write(packetOf(line)),
        (turnMs) => maxTurnMs(turnMs - bareMs) + bareMs,
      );
      expect(answers.length).toBeLessThanOrEqual(33);
      expect(answers.at(-1)).toMatchObject({ status: 400, headers: { connection: 'close' } });
      expect(codeOf(answers.at(-1) as RawAnswer)).toBe('malformed_request');
    },
  );

  it('of a few is answered in order', async () => {
    const answers = await scene.target.write(
      `GET /health/live HTTP/1.1\r\n${HOST}\r\nGET /none HTTP/1.1\r\n${HOST}\r\n`.repeat(10),
      20,
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill([200, 404]).flat());
  });
});

describe('what comes slowly', () => {
  let other: Account;
  beforeAll(async () => {
    other = await scene.target.api.createAccount();
  });

  const json = () => `${HOST}Authorization: Bearer ${scene.owner.token}\r\nContent-Type: application/json\r\n`;
  const post = (path = '/v1/items', type = 'json') =>
    `POST ${path} HTTP/1.1\r\n${json().replace('json', type)}Content-Length: 1000\r\n\r\n{`;

  const timeout = [408, 'request_timeout'] as const;
  const cases: [name: string, begin: () => string, drip: string, status: number, code?: string][] = [
    ['nothing at all', () => '', '', ...timeout],
    ['half a line', () => 'GET /health', '', ...timeout],
    ['headers', () => 'GET / HTTP/1.1\r\n', 'X: y\r\n', ...timeout],
    ['a second request', () => `GET /health/live HTTP/1.1\r\n${HOST}\r\nGET /`, 'l', ...timeout],
    ['a body, stopped', post, '', ...timeout],
    ['a body, byte by byte', post, ' ', ...timeout],
    [
      'chunks',
      () => post().replace('Content-Length: 1000', 'Transfer-Encoding: chunked').replace(/{$/, ''),
      '1\r\n \r\n',
      ...timeout,
    ],
    [
      'a body that was announced',
      () => post().replace('\r\n\r\n{', '\r\nExpect: 100-continue\r\n\r\n'),
      '',
      ...timeout,
    ],
    ['a body of nobody', () => post().replace(/Authorization.*\r\n/, ''), ' ', ...timeout],
    ['an import, stopped', () => post('/v1/items/import', 'x-ndjson'), '', ...timeout],
    [
      'an import, byte by byte',
      // One account imports one file at a time.
      () => post('/v1/items/import', 'x-ndjson').replace(scene.owner.token, other.token),
      ' ',
      ...timeout,
    ],
    ['a body that is not read', () => post('/nothing'), ' ', 404, 'not_found'],
    ['a body of a read', () => post('/v1/items').replace('POST', 'GET'), ' ', 400, 'unexpected_body'],
    ['a body that is too long', () => post().replace('1000', '1000000'), ' ', 413, 'body_too_large'],
  ];

  it('is answered where it can be, and closed within 15 s', async () => {
    const slow = cases.map(async ([name, begin, drip, status, code]) => {
      const raw = await Raw.open(scene.target.port);
      const openedAt = performance.now();
      await raw.send(begin());
      const dripping = setInterval(() => raw.socket.write(drip, () => undefined), 500);
      await Promise.race([raw.closed, new Promise((resolve) => setTimeout(resolve, 20_000).unref())]);
      clearInterval(dripping);
      raw.close();
      const last = raw.answers.at(-1) as RawAnswer;
      const isInTime = performance.now() - openedAt < 16_000;
      return { name, isInTime, status: last?.status, code: last && codeOf(last), expected: [status, code] };
    });
    for (const { name, isInTime, status, code, expected } of await Promise.all(slow))
      expect({ name, isInTime, answer: [status, code] }).toEqual({ name, isInTime: true, answer: expected });
  }, 40_000);
});
