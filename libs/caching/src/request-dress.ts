// Headers of a kept answer that depend on who asks and how: another origin, or TLS in front of a trusted proxy.
import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv6 } from 'node:net';
import { EXPOSED_HEADERS, TLS_HEADERS } from '@app/http';
import { textOfHeaders } from './head';
import type { RequestTraits } from './request-traits';

export interface AnswersSettings {
  /** Exact origins of the web pages that may call. */
  readonly corsOrigins: readonly string[];
  /** Addresses and networks whose `X-Forwarded-*` headers are believed. */
  readonly trustProxy: readonly string[];
}

const OF_PAGES = textOfHeaders({
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers': EXPOSED_HEADERS.join(', '),
});
const TLS = textOfHeaders(TLS_HEADERS);

export class RequestDress {
  private readonly origins: ReadonlySet<string>;
  private readonly proxies = new BlockList();
  private readonly hasProxies: boolean;
  /** Said to everyone, as @fastify/cors does. */
  private readonly ofPages: string;

  constructor({ corsOrigins, trustProxy }: AnswersSettings) {
    this.origins = new Set(corsOrigins);
    this.ofPages = corsOrigins.length > 0 ? OF_PAGES : '';
    this.hasProxies = trustProxy.length > 0;
    for (const network of trustProxy) {
      const [address = '', bits] = network.split('/');
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      this.proxies.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
    }
  }

  /** Lines of `textOfHeaders`. */
  of({ socket }: IncomingMessage, { origin, forwardedProto }: RequestTraits): string {
    if (origin === undefined && forwardedProto === undefined) return this.ofPages;
    const isFromPage = origin !== undefined && this.origins.has(origin);
    const isTls = this.hasProxies && forwardedProto !== undefined && this.isTls(socket.remoteAddress, forwardedProto);
    return `${this.ofPages}${isFromPage ? `access-control-allow-origin: ${origin}\r\n` : ''}${isTls ? TLS : ''}`;
  }

  private isTls(address: string | undefined, forwardedProto: string): boolean {
    const isTrusted = address !== undefined && this.proxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
    return isTrusted && forwardedProto.split(',').at(-1)?.trim() === 'https';
  }
}
