import {
  bombs,
  drips,
  endsEarly,
  endsGzipEarly,
  fails,
  inTurn,
  type Manner,
  publishes,
  redirects,
  repeats,
  resets,
  resetsWithin,
  saysNothing,
  sendsHeadersOnly,
  sendsNoHeaders,
  Supplier,
  talksGarbage,
} from '../../../test/support/supplier';
import { Outbound, type Outcome, type Received } from '.';

const MIB = 1024 * 1024;
const TEXT = '{"sku":"A"}\n{"sku":"B"}\n';

/** Quick, so that nothing has to be waited for long. */
const settings = {
  allow: ['127.0.0.1'],
  connectMs: 300,
  headersMs: 400,
  totalMs: 1_200,
  pauseMs: 10,
  maxBytes: 4 * MIB,
  maxDecodedBytes: 16 * MIB,
  breakAfter: 1_000,
};

let supplier: Supplier;
let outbound: Outbound;
beforeAll(async () => {
  supplier = await Supplier.start();
  outbound = new Outbound(settings);
});
afterAll(async () => {
  await outbound.close();
  await supplier.stop();
});

const textOf = async ({ bytes }: Received): Promise<string> => {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return Buffer.concat(parts).toString();
};

let paths = 0;
const outcomeOf = (manner: Manner): Promise<Outcome<string>> =>
  outbound.get({ url: supplier.at(`/${++paths}`, manner) }, textOf);

describe('an answer is read', () => {
  it.each<[string, Manner, { attempts?: number; redirects?: number }]>([
    ['as it is', publishes(TEXT), {}],
    ['packed with gzip', publishes(TEXT, { encoding: 'gzip' }), {}],
    ['packed with Brotli', publishes(TEXT, { encoding: 'br' }), {}],
    ['deflated', publishes(TEXT, { encoding: 'deflate' }), {}],
    ['deflated without a header', publishes(TEXT, { encoding: 'raw deflate' }), {}],
    ['after a 503', inTurn(fails(503), publishes(TEXT)), { attempts: 2 }],
    ['after a reset and a 429', inTurn(resets, fails(429, { 'retry-after': '0' }), publishes(TEXT)), { attempts: 3 }],
    ['that comes in single bytes', drips(TEXT, 5), {}],
  ])('%s', async (_, manner, { attempts = 1 }) => {
    expect(await outcomeOf(manner)).toMatchObject({ state: 'read', value: TEXT, attempts, status: 200 });
  });

  it('behind redirects', async () => {
    const end = supplier.at('/end', publishes(TEXT));
    const middle = supplier.at('/middle', redirects('/end', 308));
    const outcome = await outcomeOf(redirects(middle));
    expect(outcome).toMatchObject({ state: 'read', value: TEXT, redirects: 2, attempts: 1 });
    expect(await outbound.get({ url: middle }, async ({ url }) => url)).toMatchObject({ value: end });
  });

  it('and measured', async () => {
    const outcome = await outcomeOf(publishes('x'.repeat(10_000), { encoding: 'gzip' }));
    expect(outcome).toMatchObject({ decodedBytes: 10_000, durationMs: expect.any(Number) });
    expect(outcome.bytes).toBeLessThan(100);
  });
});

describe('an answer is a failure', () => {
  const circle = '/circle';
  it.each<[string, Manner, string, { status?: number; attempts?: number }]>([
    ['that takes too long', drips(TEXT, 200), 'total_timeout', { status: 200 }],
    ['that does not end', repeats(TEXT.repeat(1_000)), 'too_large', { status: 200 }],
    ['that is a bomb', bombs(64 * MIB), 'decoded_too_large', { status: 200 }],
    ['that is cut short', endsEarly(TEXT), 'truncated', { status: 200 }],
    ['whose gzip is cut short', endsGzipEarly(TEXT), 'truncated', { status: 200 }],
    ['that is reset', resetsWithin(TEXT), 'connection_lost', { status: 200 }],
    ['whose gzip is none', publishesAs('gzip'), 'corrupt_encoding', {}],
    ['whose Brotli is none', publishesAs('br'), 'corrupt_encoding', {}],
    ['packed in an unknown way', publishes(TEXT, { encoding: 'compress' }), 'unknown_encoding', {}],
    ['of a server that resets', resets, 'connection_lost', { attempts: 3 }],
    ['that is garbage', talksGarbage, 'bad_response', { attempts: 1 }],
    ['without headers', sendsNoHeaders, 'bad_response', { attempts: 1 }],
    ['of nothing but headers', sendsHeadersOnly, 'bad_response', { attempts: 1 }],
    ['with 404', fails(404), 'http_status', { status: 404, attempts: 1 }],
    ['with 503', fails(503), 'http_status', { status: 503, attempts: 3 }],
    ['with 304 that was not asked for', fails(304), 'http_status', { status: 304 }],
    ['with 206', fails(206), 'http_status', { status: 206 }],
    ['that redirects to itself', redirects(circle), 'redirect_loop', {}],
    ['that redirects nowhere', fails(302), 'bad_redirect', { status: 302 }],
    ['that redirects to a file', redirects('file:///etc/passwd'), 'bad_redirect', {}],
    ['that redirects with a password', redirects('http://ann:secret@shop.example/'), 'bad_redirect', {}],
    ['that redirects to this machine', redirects('http://[::1]/'), 'address_refused', {}],
    ['that redirects to the metadata', redirects('http://169.254.169.254/latest'), 'address_refused', {}],
    ['that redirects to an address in disguise', redirects('http://0x7f000002/'), 'address_refused', {}],
  ])('%s', async (_, manner, code, expected) => {
    supplier.at(circle, redirects(circle));
    expect(await outcomeOf(manner)).toMatchObject({ state: 'failed', failure: { code }, ...expected });
  });

  it('that does not begin', async () => {
    const patient = new Outbound({ ...settings, totalMs: 10_000, retries: 0 });
    const outcome = await patient.get({ url: supplier.at('/silent', saysNothing) }, textOf);
    expect(outcome).toMatchObject({ state: 'failed', failure: { code: 'headers_timeout' }, attempts: 1 });
    expect(outcome.durationMs).toBeLessThan(settings.headersMs + 1_500);
    await patient.close();
  });

  it('that redirects on and on', async () => {
    for (let n = 0; n < 9; n++) supplier.at(`/hop/${n}`, redirects(`/hop/${n + 1}`));
    const outcome = await outcomeOf(redirects('/hop/0'));
    expect(outcome).toMatchObject({ failure: { code: 'too_many_redirects' }, redirects: 5 });
    expect(supplier.timesAsked('/hop/5')).toBe(0);
  });

  it.each([
    ['no URL', 'invalid_url'],
    ['ftp://shop.example/', 'invalid_url'],
    ['http://ann:secret@shop.example/', 'invalid_url'],
  ])('before it is asked for: %s', async (url, code) => {
    const outcome = await outbound.get({ url }, textOf);
    expect(outcome).toMatchObject({ state: 'failed', failure: { code }, attempts: 0 });
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });

  it('of nobody', async () => {
    const other = await Supplier.start();
    const url = other.at('/', saysNothing);
    await other.stop();
    const outcome = await outbound.get({ url }, textOf);
    expect(outcome).toMatchObject({ failure: { code: 'connect_refused' }, attempts: 3 });
  });

  it('of a server without TLS', async () => {
    const url = supplier.at('/plain', publishes(TEXT)).replace('http:', 'https:');
    expect(await outbound.get({ url }, textOf)).toMatchObject({ failure: { code: 'tls' }, attempts: 1 });
  });
});

function publishesAs(encoding: string): Manner {
  return (_, response) => response.writeHead(200, { 'content-encoding': encoding }).end('\x01\x02 not packed at all');
}
