// Finds the addresses of a name without a thread: getaddrinfo() has four for everything, and a slow name would hold one.
import type { LookupAddress } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import type { Allowed } from './allowed';
import { CallFailed } from './call-failed';

/** Rejects when there are none. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** Twice, and still within the time that a connection may take. */
const ASKING = { timeout: 400, tries: 2 } as const;

/** Codes that say that the name is known not to exist. */
const ABSENT = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME']);

/** Asks the name servers; names that the operator allows are looked up as the system does, `/etc/hosts` included. */
export function createResolve(allowed: Allowed): Resolve {
  const resolver = new Resolver(ASKING);
  return async (hostname) => {
    if (allowed.hasName(hostname)) return lookup(hostname, { all: true });
    const [four, six] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    if (four.status === 'rejected' && six.status === 'rejected') throw four.reason;
    return [
      ...(four.status === 'fulfilled' ? four.value.map((address) => ({ address, family: 4 })) : []),
      ...(six.status === 'fulfilled' ? six.value.map((address) => ({ address, family: 6 })) : []),
    ];
  };
}

export function nameFailure(hostname: string, cause: unknown): CallFailed {
  const isAbsent = ABSENT.has((cause as NodeJS.ErrnoException).code ?? '');
  const detail = isAbsent ? `There is no host ${hostname}.` : `The name servers do not say where ${hostname} is.`;
  return new CallFailed('dns', detail, { isTransient: !isAbsent, isFault: true, cause });
}
