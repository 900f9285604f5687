import { after, endsEarly, fails, inTurn, publishes, saysNothing, Supplier } from '../../../test/support/supplier';
import { type Failure, Outbound, type OutboundSettings, type Received } from '.';

const TEXT = '{"sku":"A"}\n';
const textOf = async ({ bytes }: Received): Promise<string> => {
  let text = '';
  for await (const part of bytes) text += Buffer.from(part).toString();
  return text;
};

let supplier: Supplier;
let other: Supplier;
const opened: Outbound[] = [];
const client = (settings: Partial<OutboundSettings> = {}): Outbound => {
  const outbound = new Outbound({ allow: ['127.0.0.1'], pauseMs: 1, ...settings });
  opened.push(outbound);
  return outbound;
};

beforeEach(async () => {
  [supplier, other] = await Promise.all([Supplier.start(), Supplier.start()]);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  await Promise.all([supplier.stop(), other.stop()]);
});

const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);

async function statesOf(outbound: Outbound, urls: readonly string[]): Promise<Record<string, number>> {
  const states: Record<string, number> = {};
  for await (const { outcome } of outbound.getAll(
    urls.map((url) => ({ url })),
    textOf,
  )) {
    const name = outcome.state === 'failed' ? outcome.failure.code : outcome.state;
    states[name] = (states[name] ?? 0) + 1;
  }
  return states;
}

it('makes hundreds of calls, eight at a time for one host, over connections that it keeps', async () => {
  const url = supplier.at('/', after(5, publishes(TEXT)));
  expect(await statesOf(client(), times(300, url))).toEqual({ read: 300 });
  expect([supplier.mostRunning, supplier.accepted]).toEqual([8, 8]);
});

it('makes so many calls altogether', async () => {
  const urls = [supplier, other].map((one) => one.at('/', after(5, publishes(TEXT))));
  expect(
    await statesOf(
      client({ concurrency: 3 }),
      urls.flatMap((url) => times(20, url)),
    ),
  ).toEqual({ read: 40 });
  expect(supplier.mostRunning + other.mostRunning).toBeLessThanOrEqual(6);
  expect(Math.max(supplier.mostRunning, other.mostRunning)).toBeLessThanOrEqual(3);
});

it('keeps nobody waiting for a host that says nothing', async () => {
  const silent = supplier.at('/', saysNothing);
  const quick = other.at('/', publishes(TEXT));
  const calls = [...times(300, silent), ...times(50, quick)].map((url) => ({ url }));
  const seen: string[] = [];
  for await (const { call, outcome } of client({ concurrency: 16 }).getAll(calls, textOf)) {
    seen.push(outcome.state);
    expect(call.url).toBe(quick);
    if (seen.length === 50) break;
  }
  expect(new Set(seen)).toEqual(new Set(['read']));
  // Who leaves the loop ends what is still on its way.
  while (supplier.connections > 0) await new Promise((resolve) => setTimeout(resolve, 5));
});

describe('the breaker', () => {
  const settings = { retries: 0, breakAfter: 3, breakMs: 300, perHost: 1 };

  it('leaves a host alone that has failed, and no other', async () => {
    const url = supplier.at('/', fails(500));
    const outbound = client(settings);
    expect(await statesOf(outbound, times(10, url))).toEqual({ http_status: 3, breaker_open: 7 });
    expect(supplier.asked).toHaveLength(3);
    expect(await outbound.get({ url }, textOf)).toMatchObject({
      failure: { code: 'breaker_open', retryAfterMs: expect.any(Number) },
    });
    expect(await statesOf(outbound, [other.at('/', publishes(TEXT))])).toEqual({ read: 1 });
  });

  it('lets one call try, and then all', async () => {
    const url = supplier.at('/', inTurn(...times(4, fails(500)), publishes(TEXT)));
    const outbound = client(settings);
    const isOpen = async () => {
      const asked = supplier.asked.length;
      await outbound.get({ url }, textOf);
      return supplier.asked.length === asked;
    };
    await statesOf(outbound, times(3, url));
    while (await isOpen()) await new Promise((resolve) => setTimeout(resolve, 20));
    // That one failed, too.
    expect(await isOpen()).toBe(true);
    while (await isOpen()) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await statesOf(outbound, times(5, url))).toEqual({ read: 5 });
  });

  describe('while one call tries', () => {
    const wide = { ...settings, perHost: 8 };
    /** A client that has left the host alone for long enough. */
    const halfOpen = async (more: Partial<OutboundSettings> = {}): Promise<Outbound> => {
      const outbound = client({ ...wide, ...more });
      await statesOf(outbound, times(3, supplier.at('/', fails(503))));
      const { failure } = (await outbound.get({ url: supplier.at('/', fails(503)) }, textOf)) as { failure: Failure };
      expect(failure.code).toBe('breaker_open');
      await new Promise((resolve) => setTimeout(resolve, failure.retryAfterMs));
      return outbound;
    };

    it('has the others wait, who go when it was answered', async () => {
      const outbound = await halfOpen();
      expect(await statesOf(outbound, times(50, supplier.at('/', after(50, publishes(TEXT)))))).toEqual({ read: 50 });
    });

    it('refuses the others when it failed', async () => {
      const outbound = await halfOpen();
      supplier.asked.length = 0;
      const states = await statesOf(outbound, times(50, supplier.at('/', after(50, fails(503)))));
      expect([states, supplier.asked.length]).toEqual([{ http_status: 1, breaker_open: 49 }, 1]);
    });

    it.each([
      ['a 404', after(50, fails(404)), 'http_status'],
      ['a 429', after(50, fails(429)), 'http_status'],
      ['a body that does not end well', after(50, endsEarly(TEXT)), 'truncated'],
      ['a body in an unknown packing', after(50, publishes(TEXT, { encoding: 'compress' })), 'unknown_encoding'],
    ])('takes %s for an answer', async (_, manner, code) => {
      const outbound = await halfOpen();
      const well = supplier.at('/well', publishes(TEXT));
      const states = await statesOf(outbound, [supplier.at('/', manner), ...times(20, well)]);
      expect(states).toEqual({ [code]: 1, read: 20 });
    });

    it('lets the next try when nobody wants its answer any more', async () => {
      const outbound = await halfOpen();
      const [stop, stopToo] = [new AbortController(), new AbortController()];
      const silent = supplier.at('/', saysNothing);
      supplier.asked.length = 0;
      const first = outbound.get({ url: silent, signal: stop.signal }, textOf);
      const second = outbound.get({ url: silent, signal: stopToo.signal }, textOf);
      const third = outbound.get({ url: supplier.at('/well', publishes(TEXT)) }, textOf);
      while (supplier.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      stopToo.abort();
      expect(await second).toMatchObject({ failure: { code: 'aborted' } });
      stop.abort();
      expect(await Promise.all([first, third])).toMatchObject([{ failure: { code: 'aborted' } }, { state: 'read' }]);
      expect(supplier.asked).toHaveLength(2);
    });

    it('has those who wait hold no places', async () => {
      const outbound = await halfOpen({ concurrency: 4, headersMs: 1_000 });
      const stop = new AbortController();
      const waiting = times(20, supplier.at('/', saysNothing)).map((url) =>
        outbound.get({ url, signal: stop.signal }, textOf),
      );
      expect(await statesOf(outbound, times(20, other.at('/', publishes(TEXT))))).toEqual({ read: 20 });
      // The one that tries is still at it.
      expect(supplier.running).toBe(1);
      stop.abort();
      await Promise.all(waiting);
    });
  });

  it.each([404, 429])('begins to count anew after a %i', async (status) => {
    const url = supplier.at(
      '/',
      inTurn(...times(2, fails(503)), fails(status), ...times(2, fails(503)), publishes(TEXT)),
    );
    expect(await statesOf(client(settings), times(6, url))).toEqual({ http_status: 5, read: 1 });
  });

  it('counts no 404, no 429 and no reader that fails', async () => {
    const outbound = client(settings);
    expect(await statesOf(outbound, times(10, supplier.at('/404', fails(404))))).toEqual({ http_status: 10 });
    expect(await statesOf(outbound, times(10, supplier.at('/429', fails(429))))).toEqual({ http_status: 10 });
    const url = supplier.at('/', publishes(TEXT));
    for (let n = 0; n < 5; n++) {
      const outcome = await outbound.get({ url }, () => Promise.reject(new RangeError('no room')));
      expect(outcome).toMatchObject({ state: 'unread', error: new RangeError('no room') });
    }
    expect(await statesOf(outbound, [url])).toEqual({ read: 1 });
  });
});
