import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { closeIdleConnections } from './idle-connections';

const LOOK_EVERY_MS = 20;
const STALL_MS = 400;
/** More than the kernel takes for a client that reads nothing. */
const LARGE = Buffer.alloc(32 * 1024 * 1024);
const REQUEST = 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n';

let server: Server;
let answer: () => void;
const sockets: Socket[] = [];
/** The server's ends, by the port of the client's. */
const ends = new Map<number | undefined, Socket>();

beforeEach(async () => {
  // Node itself adds a second to what it announces.
  server = createServer({ keepAliveTimeout: 1 }, (request, response) => {
    if (request.url === '/') response.end('done');
    else if (request.url === '/large') response.end(LARGE);
    else if (request.url === '/events') response.write('first');
    else answer = () => response.end('done');
  });
  closeIdleConnections(server, { lookEveryMs: LOOK_EVERY_MS, stallMs: STALL_MS });
  server.on('connection', (socket) => ends.set(socket.remotePort, socket));
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

/** The server's end of it. */
const accepted = (socket: Socket): Socket => ends.get(socket.localPort) as Socket;

/** Unless it is still taking what it was told to before. */
function takeSome(socket: Socket, bytes: number): void {
  if (socket.listenerCount('data') > 0) return;
  let taken = 0;
  const take = (chunk: Buffer): void => {
    taken += chunk.length;
    if (taken < bytes) return;
    socket.off('data', take).pause();
  };
  socket.on('data', take).resume();
}

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

test('a client that takes nothing of its answer is let go; one that reads slowly, or that there is nothing for, is not', async () => {
  const [stuck, slow, quiet] = [await open(), await open(), await open()];
  const gone = once(accepted(stuck), 'close');
  for (const socket of [stuck, slow]) {
    await ask(socket, REQUEST.replace('/', '/large'));
    socket.pause();
  }
  await ask(quiet, REQUEST.replace('/', '/events'));
  const since = performance.now();
  // One write, of which some is sent now and then, and which is done long after the others' time.
  const reading = setInterval(() => takeSome(slow, 1024 * 1024), STALL_MS / 8);
  await gone;
  expect(performance.now() - since).toBeGreaterThan(STALL_MS);
  await setTimeout(STALL_MS * 2);
  clearInterval(reading);
  expect(accepted(slow).writableLength).toBeGreaterThan(0);
  for (const socket of [slow, quiet]) expect(accepted(socket).destroyed).toBe(false);
});
