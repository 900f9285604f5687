// A supplier that behaves: what it publishes is decided by the test, path by path.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Publish = (request: IncomingMessage, response: ServerResponse) => void;

export class Catalogues {
  /** Requests by path. */
  readonly asked = new Map<string, number>();
  private readonly published = new Map<string, Publish>();
  private readonly server = createServer((request, response) => {
    const path = request.url ?? '';
    this.asked.set(path, (this.asked.get(path) ?? 0) + 1);
    const publish = this.published.get(path);
    if (publish) publish(request, response);
    else response.writeHead(404).end();
  });

  static async start(): Promise<Catalogues> {
    const catalogues = new Catalogues();
    await new Promise<void>((resolve) => catalogues.server.listen(0, '127.0.0.1', resolve));
    return catalogues;
  }

  /** @returns the URL; what was there before is replaced */
  publish(path: string, publish: Publish): string {
    this.published.set(path, publish);
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  /** Items as NDJSON, with an entity tag. */
  items(path: string, items: readonly object[]): string {
    const text = items.map((item) => `${JSON.stringify(item)}\n`).join('');
    const etag = `"${Buffer.from(text).length}-${items.length}"`;
    return this.publish(path, (request, response) => {
      const headers = { 'content-type': 'application/x-ndjson', etag };
      if (request.headers['if-none-match'] === etag) response.writeHead(304, headers).end();
      else response.writeHead(200, headers).end(text);
    });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
