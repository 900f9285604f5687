import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { closeIdleConnections } from './idle-connections';

const LOOK_EVERY_MS = 20;
const REQUEST = 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n';

let server: Server;
let answer: () => void;
const sockets: Socket[] = [];

beforeEach(async () => {
  // Node itself adds a second to what it announces.
  server = createServer({ keepAliveTimeout: 1 }, (request, response) => {
    if (request.url === '/') response.end('done');
    else answer = () => response.end('done');
  });
  closeIdleConnections(server, { lookEveryMs: LOOK_EVERY_MS });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
  await once(server, 'close');
});

async function open(): Promise<Socket> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

const ask = async (socket: Socket, request = REQUEST): Promise<string> => {
  socket.write(request);
  return String((await once(socket, 'data'))[0]);
};

test('an idle connection is closed when its time is over, and the answer says how long that is', async () => {
  const socket = await open();
  const closed = once(socket, 'close');
  const answered = await ask(socket);
  const since = performance.now();
  expect(answered).toContain('Connection: keep-alive');
  await closed;
  const idleMs = performance.now() - since;
  expect(idleMs).toBeGreaterThan(900);
  expect(idleMs).toBeLessThan(3_000);
});

test('each answer begins the time anew; a request that is being answered is not idle', async () => {
  const [quiet, asking, waiting] = [await open(), await open(), await open()];
  await ask(waiting);
  const late = ask(waiting, REQUEST.replace('/', '/late'));
  const closed = once(quiet, 'close');
  await ask(quiet);
  await ask(asking);
  const again = setInterval(() => asking.write(REQUEST), 100);
  await closed;
  clearInterval(again);
  expect(asking.closed).toBe(false);
  expect(waiting.closed).toBe(false);
  answer();
  expect(await ask(asking)).toContain('200 OK');
  expect(waiting.closed).toBe(false);
  expect(await late).toContain('200 OK');
});
