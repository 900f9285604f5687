// A supplier's server on loopback that behaves as each of its paths is told to: well, badly or maliciously.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { brotliCompressSync, createGzip, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

/** What a path does with a request. */
export type Manner = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

export class Supplier {
  /** Requests so far, in their order. */
  readonly asked: Asked[] = [];
  /** Requests that are being answered, and the most that ever were. */
  running = 0;
  mostRunning = 0;
  /** Connections so far. */
  accepted = 0;
  private readonly manners = new Map<string, Manner>();
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly scheme: string,
  ) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.answer(request, response));
    server.on('connection', (socket) => {
      this.accepted++;
      this.sockets.add(socket.on('close', () => this.sockets.delete(socket)).on('error', () => undefined));
    });
  }

  /** @param tls PEM, for a supplier that speaks it */
  static async start(host = '127.0.0.1', tls?: { key: string; cert: string }): Promise<Supplier> {
    const server = tls ? createSecureServer(tls) : createServer();
    const supplier = new Supplier(server, tls ? 'https' : 'http');
    await once(server.listen(0, host), 'listening');
    return supplier;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.sockets.size;
  }

  /** @param path begins with a slash @returns the URL, at which a client is served in this manner from now on */
  at(path: string, manner: Manner, host = '127.0.0.1'): string {
    this.manners.set(path, manner);
    return `${this.scheme}://${host}:${this.port}${path}`;
  }

  timesAsked(path: string): number {
    return this.asked.filter((one) => one.path === path).length;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    this.asked.push({ path, headers: request.headers });
    this.mostRunning = Math.max(this.mostRunning, ++this.running);
    response.on('close', () => this.running--).on('error', () => undefined);
    const manner = this.manners.get(path) ?? fails(404);
    await manner(request, response);
  }
}

export interface Publishing {
  readonly type?: string;
  readonly encoding?: 'gzip' | 'br' | 'deflate' | 'raw deflate' | 'compress';
  readonly etag?: string;
  readonly lastModified?: string;
}

const PACKERS = { gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync, 'raw deflate': deflateRawSync };

/** A catalogue as it should be; 304 for those who have it. */
export const publishes =
  (text: string | Buffer, { type = 'application/x-ndjson', encoding, etag, lastModified }: Publishing = {}): Manner =>
  ({ headers }, response) => {
    const has = (header: string | undefined, value: string | undefined) => value !== undefined && header === value;
    if (etag) response.setHeader('etag', etag);
    if (lastModified) response.setHeader('last-modified', lastModified);
    if (has(headers['if-none-match'], etag) || has(headers['if-modified-since'], lastModified))
      return response.writeHead(304).end();
    if (encoding) response.setHeader('content-encoding', encoding.replace('raw ', ''));
    const pack = encoding && encoding in PACKERS ? PACKERS[encoding as keyof typeof PACKERS] : Buffer.from;
    return response.writeHead(200, { 'content-type': type }).end(pack(Buffer.from(text)));
  };

export const fails =
  (status: number, headers: Record<string, string> = {}): Manner =>
  (_, response) =>
    response.writeHead(status, headers).end('No.');

/** One manner for each request; the last for all that come after. */
export const inTurn = (...manners: readonly Manner[]): Manner => {
  let next = 0;
  return (request, response) => manners[Math.min(next++, manners.length - 1)]?.(request, response);
};

export const redirects =
  (location: string, status = 302): Manner =>
  (_, response) =>
    response.writeHead(status, { location }).end();

export const after =
  (ms: number, manner: Manner): Manner =>
  async (request, response) => {
    await delay(ms);
    return manner(request, response);
  };

export const saysNothing: Manner = () => undefined;

export const resets: Manner = ({ socket }) => socket.resetAndDestroy();

/** Bytes that are no HTTP. */
export const talksGarbage: Manner = ({ socket }) => socket.end('\x16\x03\x01 hello <html>\r\n\r\n');

/** A body from the first byte on, as HTTP/0.9 had it. */
export const sendsNoHeaders: Manner = ({ socket }) => socket.end('{"sku":"A"}\n{"sku":"B"}\n');

/** Headers that don't end. */
export const sendsHeadersOnly: Manner = async ({ socket }) => {
  socket.write('HTTP/1.1 200 OK\r\n');
  while (!socket.destroyed) if (!socket.write(`x-more: ${'x'.repeat(1_000)}\r\n`)) await written(socket);
};

/** Announces more than it sends, and ends. */
export const endsEarly =
  (text: string, type = 'application/x-ndjson'): Manner =>
  (_, response) => {
    response.writeHead(200, { 'content-type': type, 'content-length': text.length + 100 });
    response.write(text, () => response.socket?.end());
  };

/** The same, packed: HTTP is complete, the gzip is not. */
export const endsGzipEarly =
  (text: string, type = 'application/x-ndjson'): Manner =>
  (_, response) =>
    response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip' }).end(gzipSync(text).subarray(0, -12));

/** The connection is reset within a body without a length. */
export const resetsWithin =
  (text: string, type = 'application/x-ndjson'): Manner =>
  (_, response) => {
    response.writeHead(200, { 'content-type': type });
    response.write(text, () => setTimeout(() => response.socket?.resetAndDestroy(), 20));
  };

/** One byte at a time. */
export const drips =
  (text: string, everyMs = 50, type = 'application/x-ndjson'): Manner =>
  async (_, response) => {
    response.writeHead(200, { 'content-type': type });
    for (const letter of text) {
      if (response.destroyed) return;
      response.write(letter);
      await delay(everyMs);
    }
    response.end();
  };

/** The same piece, as often as it is taken, and at most `times`. */
export const repeats =
  (piece: string | Buffer, times = Infinity, type = 'application/x-ndjson'): Manner =>
  async (_, response) => {
    response.writeHead(200, { 'content-type': type });
    for (let n = 0; n < times && !response.destroyed; n++) if (!response.write(piece)) await written(response);
    response.end();
  };

/** A few kilobytes that unpack to `bytes` bytes of spaces. */
export const bombs =
  (bytes: number, type = 'application/x-ndjson'): Manner =>
  async (_, response) => {
    response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip' });
    const gzip = createGzip({ level: 9 });
    gzip.pipe(response).on('close', () => gzip.destroy());
    const block = Buffer.alloc(1024 * 1024, ' ');
    for (let n = 0; n < bytes / block.length && !response.destroyed && !gzip.destroyed; n++)
      if (!gzip.write(block)) await written(gzip);
    gzip.end();
  };

const written = (stream: NodeJS.EventEmitter): Promise<unknown> => {
  const stop = new AbortController();
  const either = Promise.race(['drain', 'close', 'error'].map((name) => once(stream, name, { signal: stop.signal })));
  return either.catch(() => undefined).finally(() => stop.abort());
};
