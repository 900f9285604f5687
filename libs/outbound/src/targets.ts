// Says which URLs may be called, and where a redirect leads.
import { CallFailed } from './call-failed';
import type { FailureCode } from './outcome';

/** @throws CallFailed unless it is http: or https: without user and password */
export function targetOf(text: string, from?: URL): URL {
  const code: FailureCode = from ? 'bad_redirect' : 'invalid_url';
  const what = from ? `The redirect of ${from.host}` : 'The URL';
  const url = URL.canParse(text, from?.href) ? new URL(text, from?.href) : undefined;
  if (!url) throw new CallFailed(code, `${what} is none.`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new CallFailed(code, `${what} must begin with http:// or https://.`);
  if (url.username !== '' || url.password !== '')
    throw new CallFailed(code, `${what} must not have a user name or a password in it.`);
  url.hash = '';
  return url;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export const isRedirect = (status: number): boolean => REDIRECTS.has(status);

/** The way of one attempt. */
export class Route {
  private readonly seen: Set<string>;

  constructor(
    readonly start: URL,
    private readonly maxRedirects: number,
  ) {
    this.seen = new Set([start.href]);
  }

  get redirects(): number {
    return this.seen.size - 1;
  }

  /** @throws CallFailed where a client must not go */
  next(from: URL, location: string | undefined): URL {
    if (location === undefined)
      throw new CallFailed('bad_redirect', `The redirect of ${from.host} does not say where to.`);
    const url = targetOf(location, from);
    if (this.seen.has(url.href)) throw new CallFailed('redirect_loop', `${from.host} redirects in a circle.`);
    if (this.redirects >= this.maxRedirects)
      throw new CallFailed('too_many_redirects', `There are more than ${this.maxRedirects} redirects.`);
    this.seen.add(url.href);
    return url;
  }
}
