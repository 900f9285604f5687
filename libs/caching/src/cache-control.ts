// What others may do with a public answer (RFC 9111, section 5.2.2; RFC 5861).
import type { PublicCacheOptions } from './mark';
import { type Duration, millisecondsOf } from './ttl';

const DIRECTIVES = {
  maxAge: 'max-age',
  sharedMaxAge: 's-maxage',
  staleWhileRevalidate: 'stale-while-revalidate',
  staleIfError: 'stale-if-error',
} as const;

export function cacheControlOf({ cacheControl }: PublicCacheOptions): string | undefined {
  if (!cacheControl) return undefined;
  const given = Object.entries(cacheControl) as [keyof typeof DIRECTIVES, Duration][];
  const directives = given.map(
    ([name, duration]) => `${DIRECTIVES[name]}=${Math.round(millisecondsOf(duration) / 1_000)}`,
  );
  return ['public', ...directives].join(', ');
}
