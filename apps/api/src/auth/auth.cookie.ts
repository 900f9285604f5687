// The refresh token of a web page: in a cookie that no script and no other host can read, given to no request of another site.
import { type Browser, defineProblem, type Refusal } from '@app/http';

export const originNotAllowed: Refusal = defineProblem({
  status: 403,
  code: 'origin_not_allowed',
  title: 'The cookie is taken only from pages of this host, or of those that are allowed',
});

/** The prefix makes browsers insist on `Secure` and `Path=/`, and refuse it from any other host (RFC 6265bis, section 4.1.3). */
const NAME = '__Host-floodgate-refresh';
/** As long as a refresh token lives without use. */
const SECONDS = 7 * 24 * 60 * 60;

/**
 * Browsers send a cookie by themselves, so whoever presents one must show where he comes from (OWASP, "Cross-Site Request Forgery
 * Prevention": verify the origin). Besides, what reads it takes JSON only: no form can send that, and a script of another
 * origin is asked for permission first. Any client sends that type anyway, which a header of our own would not be true of.
 */
export class RefreshCookie {
  /** @param origins exact origins of other web pages that may use it */
  constructor(private readonly origins: readonly string[]) {}

  /** Undefined if the browser has none. */
  read(browser: Browser): string | undefined {
    const token = browser.cookie(NAME);
    if (token !== undefined) this.verifyOrigin(browser);
    return token;
  }

  keep(browser: Browser, token: string): void {
    browser.setCookie(NAME, token, SECONDS);
  }

  remove(browser: Browser): void {
    browser.setCookie(NAME, '', 0);
  }

  verifyOrigin(browser: Browser): void {
    if (!browser.isOnPageOf(this.origins))
      originNotAllowed('Send it from a page of this host, or of one of the origins that CORS_ORIGINS names.');
  }
}
