// A small server for the operator's eyes, on a port and an address of its own: /metrics.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runtimeMetrics } from './runtime-metrics';

export interface AdminServer {
  readonly port: number;
  /** Ends every connection at once, idle or not. */
  close(): Promise<void>;
}

export interface AdminServerOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host?: string;
  /** That a refusal names. */
  readonly variable?: string;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  /** Adds what is to be said about this process itself; true unless given. */
  readonly isOfProcess?: boolean;
}

/** @throws Error with one sentence that names the variable when the port cannot be had. */
export async function startAdminServer({
  port,
  host = '127.0.0.1',
  variable = 'ADMIN_PORT',
  metrics,
  isOfProcess = true,
}: AdminServerOptions): Promise<AdminServer> {
  // From now on, so that the first scrape has something to tell.
  const runtime = isOfProcess ? runtimeMetrics() : undefined;
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(500).end());
  });

  async function answer({ method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (url?.split('?')[0] !== '/metrics') {
      response.writeHead(404).end();
    } else if (method !== 'GET' && method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
    } else {
      const text = [await metrics.text(), ...(runtime ? [await runtime.metrics()] : [])].join('\n');
      response.writeHead(200, { 'content-type': metrics.contentType, 'content-length': Buffer.byteLength(text) });
      response.end(text);
    }
  }

  try {
    await once(server.listen(port, host), 'listening');
  } catch (cause) {
    throw new Error(refusal(host, port, variable, cause as NodeJS.ErrnoException), { cause });
  }

  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function refusal(host: string, port: number, variable: string, { code }: NodeJS.ErrnoException): string {
  const reason = code === 'EADDRINUSE' ? 'it is taken' : String(code);
  const isAddress = code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND';
  const remedy = isAddress ? 'ADMIN_HOST to an address of this machine' : `${variable} to a free port, or to off`;
  return `Cannot serve metrics on port ${port} of ${host} (${reason}): set ${remedy}.`;
}
