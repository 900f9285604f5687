// HAProxy in front of an instance that is known by name, and comes back with another address: a container that was made anew.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../support/load';
import { describeWith } from '../support/programs';
import { type Proxy, startHaproxy } from '../support/proxies';

jest.setTimeout(30_000);

const [BEFORE, AFTER] = ['127.0.0.1', '127.0.0.2'] as const;
const [A, QUERIED] = [1, 12];

/** Knows one address, and says it whatever name is asked for. */
class NameServer {
  address: string = BEFORE;
  private constructor(private readonly socket: Socket) {
    socket.on('message', (query, { port, address }) => socket.send(this.answerTo(query), port, address));
  }

  static async start(): Promise<NameServer> {
    const socket = createSocket('udp4').bind(0, BEFORE);
    await once(socket, 'listening');
    return new NameServer(socket);
  }

  get port(): number {
    return this.socket.address().port;
  }

  stop(): void {
    this.socket.close();
  }

  /** RFC 1035, section 4.1: header, the question as it came, and a record that points back to its name. */
  private answerTo(query: Buffer): Buffer {
    const question = query.subarray(QUERIED, query.indexOf(0, QUERIED) + 5);
    const isOfAddress = question.readUInt16BE(question.length - 4) === A;
    const header = Buffer.from([0, 0, 0x81, 0x80, 0, 1, 0, isOfAddress ? 1 : 0, 0, 0, 0, 0]);
    query.copy(header, 0, 0, 2);
    const record = [0xc0, QUERIED, 0, A, 0, 1, 0, 0, 0, 1, 0, 4, ...this.address.split('.').map(Number)];
    return Buffer.concat([header, question, Buffer.from(isOfAddress ? record : [])]);
  }
}

describeWith('haproxy', 'an instance that is known by name', (path) => {
  const instances: Server[] = [];
  let names: NameServer;
  let proxy: Proxy;

  beforeAll(async () => {
    names = await NameServer.start();
    let port = 0;
    for (const address of [BEFORE, AFTER]) {
      const server = createServer((_request, response) => response.end(address)).listen(port, address);
      await once(server, 'listening');
      ({ port } = server.address() as AddressInfo);
      instances.push(server);
    }
    const all = Object.fromEntries([1, 2, 3].map((n) => [`FLOODGATE_${n}`, `instance.test:${port}`]));
    const environment = { ...all, FLOODGATE_NAMESERVER: `${BEFORE}:${names.port}` };
    proxy = await startHaproxy(path, [port], { environment });
  });

  afterAll(async () => {
    await proxy?.stop();
    names?.stop();
    for (const server of instances) server.close().closeAllConnections();
  });

  const untilAnsweredBy = async (address: string): Promise<void> => {
    while ((await ask(proxy.port, { path: '/v1/items' })).body !== address) await sleep(50);
  };

  it('is found although nobody knew it at the start, and found again where it has moved', async () => {
    await untilAnsweredBy(BEFORE);
    instances[0]?.close().closeAllConnections();
    names.address = AFTER;
    await untilAnsweredBy(AFTER);
  });
});
