// What a request says of the browser that sent it: its name, the page that it shows, its cookies.
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from './caller-address';

export class Browser {
  constructor(
    private readonly request: FastifyRequest,
    private readonly reply: FastifyReply,
  ) {}

  /** Where the request comes from, as it counts for limits. */
  get address(): string {
    return callerOf(this.request);
  }

  /** As it calls itself, unchecked. */
  get userAgent(): string | undefined {
    return this.request.headers['user-agent'];
  }

  /** The body is declared to be JSON, which no form of a web page can be. */
  get sendsJson(): boolean {
    return /^application\/json *(;|$)/i.test(this.request.headers['content-type'] ?? '');
  }

  /**
   * Whether the request comes from a page of this host, or of one of these origins. A page can set neither header; a request that has
   * neither comes from no browser of today.
   */
  isOnPageOf(origins: readonly string[]): boolean {
    const { origin, 'sec-fetch-site': site } = this.request.headers;
    if (site === 'same-origin') return true;
    return origin !== undefined && (origins.includes(origin) || hostOf(origin) === this.request.host);
  }

  cookie(name: string): string | undefined {
    // Other blanks are part of the name to a browser, which keeps no rule of the prefix for that other name.
    const pairs = (this.request.headers.cookie ?? '').split(';').map((pair) => pair.replace(/^[ \t]+|[ \t]+$/g, ''));
    const values = pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1));
    return values.length === 1 ? values[0] || undefined : undefined;
  }

  /** For this host alone, unseen by scripts, sent over TLS and to its own site only. @param maxAgeSeconds 0 removes it */
  setCookie(name: string, value: string, maxAgeSeconds: number): void {
    void this.reply.header(
      'set-cookie',
      `${name}=${value}; Max-Age=${maxAgeSeconds}; Path=/; Secure; HttpOnly; SameSite=Strict`,
    );
  }
}

/** `null` of an opaque origin has none. */
const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined);

export const FromBrowser = createParamDecorator((_: unknown, context: ExecutionContext): Browser => {
  const http = context.switchToHttp();
  return new Browser(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
});
