// Finds the addresses of a name without a thread: getaddrinfo() has four for everything, and a slow name would hold one.
import type { LookupAddress } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import type { Allowed } from './allowed';
import { CallFailed } from './call-failed';

/** Rejects when there are none. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** A lost question is asked once more. The second wait is twice as long, and ends after the time that a connection may take. */
const ASKING = { timeout: 400, tries: 2 } as const;

/** Milliseconds that the addresses of one family wait for those of the other (RFC 8305, section 3). */
const OTHER_FAMILY_MS = 50;

/** Codes that say that the name is known not to exist. */
const ABSENT = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME']);
const isAbsence = (error: unknown): boolean => ABSENT.has((error as NodeJS.ErrnoException).code ?? '');

/**
 * Asks the name servers; names that the operator allows are looked up as the system does, `/etc/hosts` included.
 * @param servers the system's when absent
 */
export function createResolve(allowed: Allowed, servers?: readonly string[]): Resolve {
  const resolver = new Resolver(ASKING);
  if (servers) resolver.setServers(servers);
  return async (hostname) => {
    if (allowed.hasName(hostname)) return lookup(hostname, { all: true });
    const found: LookupAddress[] = [];
    const add = (addresses: string[], family: number): unknown =>
      found.push(...addresses.map((address) => ({ address, family })));
    const asked = [
      resolver.resolve4(hostname).then((addresses) => add(addresses, 4)),
      resolver.resolve6(hostname).then((addresses) => add(addresses, 6)),
    ];
    await Promise.any(asked).catch(({ errors }: AggregateError) => Promise.reject(reasonOf(errors as Error[])));
    await settledWithin(OTHER_FAMILY_MS, asked);
    return found.toSorted((one, other) => one.family - other.family);
  };
}

/** A name without addresses of one family is absent only if nobody failed to say so of the other. */
const reasonOf = (errors: readonly Error[]): Error => errors.find((error) => !isAbsence(error)) ?? (errors[0] as Error);

/** Some name servers drop questions for a family that they do not know. */
async function settledWithin(ms: number, work: readonly Promise<unknown>[]): Promise<void> {
  const all = Promise.allSettled(work);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    void all.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

export function nameFailure(hostname: string, cause: unknown): CallFailed {
  const isAbsent = isAbsence(cause);
  const detail = isAbsent ? `There is no host ${hostname}.` : `The name servers do not say where ${hostname} is.`;
  return new CallFailed('dns', detail, { isTransient: !isAbsent, isFault: true, cause });
}
