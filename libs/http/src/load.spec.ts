import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
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
