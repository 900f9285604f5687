// Stands where an instance stands, and does what a test wants: what a proxy makes of a request and of an answer is seen here.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Arrival {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => unknown;

export class Upstream {
  /** Requests in the order in which they came, but for those that ask how it is. */
  readonly arrivals: Arrival[] = [];
  /** What it says when it is asked how it is. */
  isReady = true;
  answer: Answer = (_request, response) => response.end('ok');

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Upstream> {
    const server = createServer();
    const upstream = new Upstream(server);
    server.on('request', (request, response) => void upstream.take(request, response));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return upstream;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    if (url === '/health/ready') return void response.writeHead(this.isReady ? 200 : 503).end();
    const body = await text(request).catch(() => '');
    this.arrivals.push({ method, url, headers, body });
    this.answer(request, response, body);
  }
}
