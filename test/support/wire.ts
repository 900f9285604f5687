// Asks over a real connection, where what stands in front of the router takes part; `app.inject()` begins behind it.
import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestApi } from './api';

export interface Wired {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  readonly body: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- tests look into answers of every shape
  /** Statements that reached PostgreSQL meanwhile. */
  readonly sql: number;
}

export interface Sent {
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string;
}

/** One connection, kept alive: what is sent through it arrives in order. */
export class Wire {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  private constructor(
    private readonly api: TestApi,
    readonly port: number,
  ) {}

  /** The API listens from now on, if it did not before. */
  static async open(api: TestApi): Promise<Wire> {
    const server = api.app.getHttpServer() as { listening: boolean; address(): AddressInfo };
    if (!server.listening) await api.app.listen(0, '127.0.0.1');
    return new Wire(api, server.address().port);
  }

  async send(method: string, path: string, { headers = {}, body }: Sent = {}): Promise<Wired> {
    const statements = this.api.countStatements();
    const sent = request({ port: this.port, host: '127.0.0.1', agent: this.agent, method, path, headers });
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const isJson = /json/.test(answer.headers['content-type'] ?? '') && bytes.length > 0;
    const isPlain = answer.headers['content-encoding'] === undefined;
    return {
      status: answer.statusCode ?? 0,
      headers: answer.headers,
      bytes,
      text: bytes.toString(),
      body: isJson && isPlain ? (JSON.parse(bytes.toString()) as unknown) : undefined,
      sql: statements(),
    };
  }

  get = (path: string, headers?: Sent['headers']): Promise<Wired> => this.send('GET', path, { headers });

  close(): void {
    this.agent.destroy();
  }
}
