import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { Load } from './load';

const load = new Load();
const server = createServer((_, response) => void load.refuse(load.rows, response));

beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
afterAll(() => server.close());

// Written past node:http where the connection stays open, and by it where not.
it.each(['keep-alive', 'close'])(
  'what is too much is refused as a problem of its own request: %s',
  async (connection) => {
    const { port } = server.address() as AddressInfo;
    const asked = request({ port, host: '127.0.0.1', headers: { connection, 'x-request-id': 'mine' } }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    expect(answer).toMatchObject({ statusCode: 503, headers: { 'x-request-id': 'mine', 'retry-after': '1' } });
    expect(await json(answer)).toEqual({
      type: '/docs/problems#busy',
      title: expect.any(String),
      status: 503,
      detail: expect.any(String),
      instance: 'mine',
      code: 'busy',
    });
  },
);

it.each(['GET', 'HEAD'])('the refusal of a %s ends its connection while the server closes', async (method) => {
  load.isDraining = true;
  const { port } = server.address() as AddressInfo;
  const asked = request({ port, host: '127.0.0.1', method, headers: { connection: 'keep-alive' } }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  load.isDraining = false;
  answer.resume();
  expect(answer).toMatchObject({ statusCode: 503, headers: { connection: 'close' } });
});

describe('a request counts', () => {
  const { reads } = load as unknown as { reads: { running: number } };
  const waiting: ServerResponse[] = [];
  const counting = createServer((asked, response) => {
    if (load.refuses(asked, response)) return;
    if (asked.url === '/large') response.end(Buffer.alloc(32 * 1024 * 1024));
    else waiting.push(response);
  });

  beforeAll(() => once(counting.listen(0, '127.0.0.1'), 'listening'));
  afterAll(() => counting.close());

  async function send(...paths: string[]): Promise<Socket> {
    const socket = connect((counting.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.pause().write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
    while (waiting.length === 0) await setTimeout(5);
    return socket;
  }

  it('until its answer is made, though the client reads nothing of it and of those before it', async () => {
    const socket = await send('/large', '/later');
    expect(reads.running).toBe(1);
    waiting.pop()?.end('made');
    expect(reads.running).toBe(0);
    socket.destroy();
    // The server hears of it only now.
    await setTimeout(50);
    expect(reads.running).toBe(0);
  });

  it('until its client has gone, and not once more when it is answered all the same', async () => {
    const socket = await send('/later');
    expect(reads.running).toBe(1);
    socket.destroy();
    while (reads.running > 0) await setTimeout(5);
    waiting.pop()?.end('for nobody');
    expect(reads.running).toBe(0);
  });

  it('as what the router takes it for, however its path is spelt', () => {
    const { logins } = load as unknown as { logins: object };
    const budgetOf = (url: string): unknown =>
      (load as unknown as { budgetOf(isRead: boolean, method: string, url: string): unknown }).budgetOf(
        false,
        'POST',
        url,
      );
    (load as unknown as { exceptions: Map<string, object> }).exceptions.set('POST /v1/auth/login', logins);
    for (const url of ['/v1/auth/login', '/v1/auth/log%69n?x']) expect(budgetOf(url)).toBe(logins);
  });
});
