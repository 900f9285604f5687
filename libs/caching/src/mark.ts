// What the author of a marked route has said about it.
import type { Duration } from './ttl';

export interface PublicCacheOptions {
  /**
   * Name of the cache whose value under the path's parameter is the whole answer. What is not kept is then read and answered in
   * front of the router as well, without the handler, which is left what is unusual: that nothing is there, for example.
   */
  readonly row?: string;
  /**
   * While the database can't be asked, the last answer is shown for so long, openly: `Cache-Status: …; ttl=-N` says for how
   * many seconds it has been out of the promise. Absent: 503.
   */
  readonly staleIfError?: Duration;
  /** What others may do: by default `no-cache`, so that the promise holds through every proxy. */
  readonly cacheControl?: Readonly<
    Partial<Record<'maxAge' | 'sharedMaxAge' | 'staleWhileRevalidate' | 'staleIfError', Duration>>
  >;
}

export const MARK = 'floodgate:public-cache';

export const markOf = (handler: object): PublicCacheOptions | undefined =>
  Reflect.getMetadata(MARK, handler) as PublicCacheOptions | undefined;
