import { after, fails, inTurn, publishes, saysNothing, Supplier } from '../../../test/support/supplier';
import { Outbound, type OutboundSettings, type Received } from '.';

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
