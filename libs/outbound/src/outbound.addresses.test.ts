import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { fails, inTurn, publishes, redirects, Supplier } from '../../../test/support/supplier';
import { Outbound, type OutboundSettings, type Received, type Resolve } from '.';

const TEXT = '{"sku":"A"}\n';
const textOf = async ({ bytes }: Received): Promise<string> => {
  let text = '';
  for await (const part of bytes) text += Buffer.from(part).toString();
  return text;
};

let supplier: Supplier;
let port: number;
const opened: Outbound[] = [];
const client = (settings: Partial<OutboundSettings>): Outbound => {
  const outbound = new Outbound({ pauseMs: 1, breakAfter: 1_000, ...settings });
  opened.push(outbound);
  return outbound;
};

beforeAll(async () => {
  supplier = await Supplier.start();
  ({ port } = supplier);
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
  await supplier.stop();
});

/** Names that lead where they are told to, the next address at each question. */
const leadsTo = (...answers: string[][]): Resolve => {
  let question = 0;
  return async () =>
    (answers[Math.min(question++, answers.length - 1)] ?? []).map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
};

describe('nothing is sent', () => {
  const refused = { state: 'failed', failure: { code: 'address_refused' }, attempts: 1 };
  const path = '/secret';
  beforeAll(() => supplier.at(path, publishes(TEXT)));
  afterEach(() => expect(supplier.timesAsked(path)).toBe(0));

  it.each([
    ['by its number', '127.0.0.1'],
    ['by another number', '2130706433'],
    ['by octal digits', '0177.0.0.1'],
    ['by few digits', '127.1'],
    ['mapped', '[::ffff:127.0.0.1]'],
    ['mapped in hexadecimal', '[::ffff:7f00:1]'],
    ['of IPv6', '[::1]'],
    ['by zero', '0.0.0.0'],
  ])('to a private address %s', async (_, host) => {
    expect(await client({}).get({ url: `http://${host}:${port}${path}` }, textOf)).toMatchObject(refused);
  });

  it.each([
    ['a private address', ['127.0.0.1']],
    ['several', ['127.0.0.1', '::1', '10.0.0.1']],
    ['a mapped one', ['::ffff:127.0.0.1']],
  ])('to a name that leads to %s', async (_, addresses) => {
    const outbound = client({ resolve: leadsTo(addresses) });
    expect(await outbound.get({ url: `http://shop.example:${port}${path}` }, textOf)).toMatchObject(refused);
  });

  it('to localhost', async () => {
    const outcome = await client({}).get({ url: `http://localhost:${port}${path}` }, textOf);
    expect(outcome).toMatchObject({
      state: 'failed',
      failure: { code: expect.stringMatching(/^(address_refused|dns)$/) },
    });
  });

  it('to the private one of two addresses', async () => {
    // Nobody answers at the first, which is for documents and therefore allowed here.
    const settings = { allow: ['192.0.2.1'], connectMs: 600, retries: 0, resolve: leadsTo(['192.0.2.1', '127.0.0.1']) };
    const outcome = await client(settings).get({ url: `http://shop.example:${port}${path}` }, textOf);
    expect(outcome).toMatchObject({ failure: { code: expect.stringMatching(/^connect_/) } });
  });

  it.each([
    ['IPv4', '0.0.0.0'],
    ['IPv6', '::'],
  ])('to whoever answers in the place of an address that is allowed: %s', async (_, address) => {
    // The system connects to loopback instead: the lookup had nothing against it, the check of the peer has.
    const own = await Supplier.start(address);
    const outbound = client({ allow: [address], resolve: leadsTo([address]) });
    const url = own.at(path, publishes(TEXT), 'shop.example');
    expect(await outbound.get({ url }, textOf)).toMatchObject(refused);
    expect([own.accepted, own.timesAsked(path)]).toEqual([1, 0]);
    await own.stop();
  });

  it('to a name that leads elsewhere when it is asked again', async () => {
    const once = supplier.at('/once', inTurn(fails(503, { connection: 'close' }), publishes(TEXT)), 'shop.example');
    const outbound = client({ allow: ['127.0.0.1'], resolve: leadsTo(['127.0.0.1'], ['127.0.0.2']) });
    expect(await outbound.get({ url: once }, textOf)).toMatchObject({ ...refused, attempts: 2, status: 503 });
    expect(supplier.timesAsked('/once')).toBe(1);
  });

  it('to a private address that a redirect names', async () => {
    const other = await Supplier.start('127.0.0.2');
    const url = other.at('/', redirects(`http://127.0.0.1:${port}${path}`), '127.0.0.2');
    expect(await client({ allow: ['127.0.0.2'] }).get({ url }, textOf)).toMatchObject({ ...refused, status: 302 });
    await other.stop();
  });
});

it('asks for the addresses of a name once for each connection, and connects to what was checked', async () => {
  const url = supplier.at('/public', publishes(TEXT), 'shop.example');
  const outbound = client({ allow: ['127.0.0.1'], resolve: leadsTo(['127.0.0.1'], ['127.0.0.2']) });
  expect(await outbound.get({ url }, textOf)).toMatchObject({ state: 'read', value: TEXT });
});

it('takes a server that resets at once for a lost connection, and not for one at a private address', async () => {
  const url = supplier.at('/reset', publishes(TEXT), 'shop.example');
  const outbound = client({ allow: ['127.0.0.1'], resolve: leadsTo(['127.0.0.1']), retries: 1 });
  // What Node says of a connection whose reset has come before anybody looked; when it comes is up to the system.
  const hidePeer = (message: unknown): unknown =>
    Object.defineProperty((message as { socket: Socket }).socket, 'remoteAddress', { value: undefined });
  subscribe('net.client.socket', hidePeer);
  const outcome = await outbound.get({ url }, textOf);
  unsubscribe('net.client.socket', hidePeer);
  expect(outcome).toMatchObject({ failure: { code: 'connection_lost' }, attempts: 2 });
});

it('calls a host that is allowed by its name', async () => {
  const url = supplier.at('/named', publishes(TEXT), 'localhost');
  expect(await client({ allow: ['localhost'] }).get({ url }, textOf)).toMatchObject({ state: 'read', value: TEXT });
});

it('says that there is no such host, and that nobody knows', async () => {
  const failing =
    (code: string): Resolve =>
    async () =>
      Promise.reject(Object.assign(new Error(code), { code }));
  const url = 'http://shop.example/';
  const dns = { failure: { code: 'dns' } };
  expect(await client({ resolve: failing('ENOTFOUND') }).get({ url }, textOf)).toMatchObject({ ...dns, attempts: 1 });
  expect(await client({ resolve: failing('ESERVFAIL') }).get({ url }, textOf)).toMatchObject({ ...dns, attempts: 3 });
});

describe('what is meant for one origin', () => {
  const headers = { authorization: 'Bearer canary', 'x-key': 'canary' };

  it('goes along to the same origin', async () => {
    const url = supplier.at('/moved', redirects('/here'));
    supplier.at('/here', publishes(TEXT));
    await client({ allow: ['127.0.0.1'] }).get({ url, headers }, textOf);
    expect(supplier.asked.at(-1)).toMatchObject({ path: '/here', headers });
  });

  it('goes to no other, and not back either', async () => {
    const other = await Supplier.start();
    const back = supplier.at('/back', publishes(TEXT));
    const url = supplier.at('/away', redirects(other.at('/', redirects(back))));
    await client({ allow: ['127.0.0.1'] }).get({ url, headers }, textOf);
    const last = supplier.asked.at(-1);
    expect([last?.path, other.timesAsked('/')]).toEqual(['/back', 1]);
    expect(JSON.stringify([last, other.asked])).not.toContain('canary');
    await other.stop();
  });
});
