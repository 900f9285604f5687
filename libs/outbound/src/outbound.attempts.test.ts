import { gzipSync } from 'node:zlib';
import {
  endsEarly,
  fails,
  inTurn,
  type Manner,
  publishes,
  redirects,
  repeats,
  saysNothing,
  Supplier,
} from '../../../test/support/supplier';
import { Outbound, type Received, type Validators } from '.';

const TEXT = '{"sku":"A"}\n{"sku":"B"}\n';
const textOf = async ({ bytes }: Received): Promise<string> => {
  let text = '';
  for await (const part of bytes) text += Buffer.from(part).toString();
  return text;
};

let supplier: Supplier;
let outbound: Outbound;
beforeEach(async () => {
  supplier = await Supplier.start();
  outbound = new Outbound({ allow: ['127.0.0.1'], pauseMs: 1, breakAfter: 1_000, totalMs: 3_000 });
});
afterEach(async () => {
  await outbound.close();
  await supplier.stop();
});

describe('Retry-After', () => {
  it('is waited for', async () => {
    const url = supplier.at('/', inTurn(fails(429, { 'retry-after': '1' }), publishes(TEXT)));
    const outcome = await outbound.get({ url }, textOf);
    expect(outcome).toMatchObject({ state: 'read', attempts: 2 });
    expect(outcome.durationMs).toBeGreaterThan(990);
  });

  it.each([
    ['3600', 3_600_000],
    ['99999999999999', 86_400_000],
    ['11', 11_000],
    // Longer than what is left of the call.
    ['5', 5_000],
  ])('of %s s is told, and not waited for', async (seconds, retryAfterMs) => {
    const url = supplier.at('/', fails(503, { 'retry-after': seconds }));
    const outcome = await outbound.get({ url }, textOf);
    expect(outcome).toMatchObject({ failure: { code: 'http_status', retryAfterMs }, attempts: 1, status: 503 });
    expect(outcome.durationMs).toBeLessThan(900);
  });

  it('may be a date', async () => {
    const date = new Date(Date.now() + 60_000).toUTCString();
    const outcome = await outbound.get({ url: supplier.at('/', fails(503, { 'retry-after': date })) }, textOf);
    const { retryAfterMs = 0 } = outcome.state === 'failed' ? outcome.failure : {};
    expect([retryAfterMs > 55_000, retryAfterMs <= 60_000]).toEqual([true, true]);
  });

  it.each(['soon', '-1', '1.5', ''])('is not believed when it is %p', async (header) => {
    const url = supplier.at('/', inTurn(fails(503, { 'retry-after': header }), publishes(TEXT)));
    expect(await outbound.get({ url }, textOf)).toMatchObject({ state: 'read', attempts: 2 });
  });
});

describe('an answer that breaks off', () => {
  const url = () => supplier.at('/', inTurn(endsEarly(TEXT), publishes(TEXT)));

  it('is not read twice', async () => {
    let reads = 0;
    const outcome = await outbound.get({ url: url() }, async (received) => (reads++, textOf(received)));
    expect([reads, outcome]).toMatchObject([1, { failure: { code: 'truncated' }, attempts: 1 }]);
  });

  it('is read again by who can begin anew', async () => {
    const outcome = await outbound.get({ url: url(), isRereadable: true }, textOf);
    expect(outcome).toMatchObject({ state: 'read', value: TEXT, attempts: 2, bytes: 2 * TEXT.length });
  });

  it('has failed whatever its reader makes of it', async () => {
    const swallowed = await outbound.get({ url: url() }, (received) => textOf(received).catch(() => 'all is well'));
    expect(swallowed).toMatchObject({ failure: { code: 'truncated' } });
    const wrapped = (received: Received) => textOf(received).catch(() => Promise.reject(new Error('something else')));
    expect(await outbound.get({ url: url() }, wrapped)).toMatchObject({ failure: { code: 'truncated' } });
  });
});

describe('validators', () => {
  it.each([
    ['an entity tag', { etag: '"v7"' }],
    ['a date', { lastModified: 'Tue, 24 Nov 2026 10:00:00 GMT' }],
  ])('make the next call a conditional one: %s', async (_, validators) => {
    const url = supplier.at('/', publishes(TEXT, validators));
    const first = await outbound.get({ url }, textOf);
    expect(first).toMatchObject({ state: 'read', validators: { url, ...validators } });
    expect(await outbound.get({ url, validators: { url, ...validators } }, textOf)).toMatchObject({
      state: 'not_modified',
      status: 304,
      bytes: 0,
    });
    // A call that follows at once may find the connection still busy.
    expect(supplier.accepted).toBeLessThanOrEqual(2);
  });

  describe('behind a redirect', () => {
    const one = { etag: '"1"', lastModified: 'Tue, 24 Nov 2026 10:00:00 GMT' };
    const readOnce = async (url: string): Promise<Validators> => {
      const outcome = await outbound.get({ url }, textOf);
      if (outcome.state !== 'read') throw new Error(outcome.state);
      return outcome.validators;
    };

    it('hold where it leads to the same URL', async () => {
      const end = supplier.at('/end', publishes(TEXT, one));
      const url = supplier.at('/', redirects('/end'));
      const validators = await readOnce(url);
      expect(validators).toEqual({ url: end, ...one });
      supplier.asked.length = 0;
      expect(await outbound.get({ url, validators }, textOf)).toMatchObject({ state: 'not_modified' });
      expect(supplier.asked.map(({ path, headers }) => [path, headers['if-none-match']])).toEqual([
        ['/', undefined],
        ['/end', '"1"'],
      ]);
    });

    it('are not sent to another URL, which may have the same', async () => {
      supplier.at('/old', publishes(TEXT, one));
      const validators = await readOnce(supplier.at('/', redirects('/old')));
      supplier.at('/new', publishes('other', one));
      const url = supplier.at('/', redirects('/new'));
      expect(await outbound.get({ url, validators }, textOf)).toMatchObject({ state: 'read', value: 'other' });
    });

    it('are not believed to be met by a 304 that was not asked for', async () => {
      supplier.at('/old', publishes(TEXT, one));
      const validators = await readOnce(supplier.at('/', redirects('/old')));
      const url = supplier.at('/', fails(304));
      for (const unasked of [validators, { url }])
        expect(await outbound.get({ url, validators: unasked }, textOf)).toMatchObject({
          failure: { code: 'http_status' },
        });
    });
  });
});

describe('a header that comes twice', () => {
  const repeated =
    (name: string, values: string[], body: string | Buffer = TEXT): Manner =>
    (_, response) =>
      response.setHeader(name, values).end(body);

  it.each([
    ['the same', ['application/x-ndjson', 'application/x-ndjson'], 'application/x-ndjson'],
    ['another', ['application/x-ndjson', 'text/html'], 'application/x-ndjson, text/html'],
  ])('with %s value is one', async (_, values, expected) => {
    const url = supplier.at('/', repeated('content-type', values));
    const outcome = await outbound.get({ url }, async ({ contentType }) => contentType);
    expect(outcome).toMatchObject({ state: 'read', value: expected });
  });

  it('says how the answer is packed', async () => {
    const url = supplier.at('/', repeated('content-encoding', ['gzip', 'gzip'], gzipSync(TEXT)));
    expect(await outbound.get({ url }, textOf)).toMatchObject({ state: 'read', value: TEXT });
    const odd = supplier.at('/odd', repeated('content-encoding', ['gzip', 'br'], gzipSync(TEXT)));
    expect(await outbound.get({ url: odd }, textOf)).toMatchObject({ failure: { code: 'unknown_encoding' } });
  });

  it('makes the next call a conditional one', async () => {
    const url = supplier.at('/', repeated('etag', ['"v7"', '"v7"']));
    expect(await outbound.get({ url }, textOf)).toMatchObject({ state: 'read', validators: { etag: '"v7"' } });
  });
});

it('ends when nobody wants the answer any more, wherever it is', async () => {
  const endless = supplier.at('/endless', repeats(TEXT.repeat(1_000)));
  const stops: [string, (stop: AbortController) => ReturnType<typeof outbound.get>][] = [
    ['before', (stop) => (stop.abort(), outbound.get({ url: endless, signal: stop.signal }, textOf))],
    ['silent', (stop) => outbound.get({ url: supplier.at('/silent', saysNothing), signal: stop.signal }, textOf)],
    [
      'pausing',
      (stop) =>
        outbound.get({ url: supplier.at('/', fails(503, { 'retry-after': '2' })), signal: stop.signal }, textOf),
    ],
    ['reading', (stop) => outbound.get({ url: endless, signal: stop.signal }, textOf)],
  ];
  for (const [name, begin] of stops) {
    const stop = new AbortController();
    const outcome = begin(stop);
    while (!stop.signal.aborted && supplier.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    stop.abort();
    expect([name, await outcome]).toMatchObject([name, { state: 'failed', failure: { code: 'aborted' } }]);
    supplier.asked.length = 0;
  }
});

it('counts the time of the server, and not that of the reader', async () => {
  const url = supplier.at('/', publishes(TEXT));
  const outcome = await outbound.get({ url }, async ({ bytes }) => {
    for await (const part of bytes) await new Promise((resolve) => setTimeout(resolve, 3_500, part));
  });
  expect(outcome).toMatchObject({ state: 'read' });
});
