// What a route's limit is called, and what its answers say of it (draft-ietf-httpapi-ratelimit-headers-10).

/**
 * `write` by default for what changes something, `credentials` for what does so without a login; `sign-up` where each request makes
 * something or sends a message; `bulk` for whole files. A request that demands a login counts for its principal, others for
 * their address.
 */
export type LimitName = 'write' | 'credentials' | 'sign-up' | 'bulk';

export interface Quota {
  readonly requests: number;
  readonly windowSeconds: number;
}

/** After a request was counted. */
export interface Allowance {
  readonly isExceeded: boolean;
  readonly remaining: number;
  /** Until the window ends; at least 1. */
  readonly resetSeconds: number;
}

/** Counts requests over all instances. Provided by the application. */
export interface Limits {
  /** Undefined when this limit is switched off. */
  quotaOf(name: LimitName): Quota | undefined;
  /** Never rejects: what it cannot count together with others it counts alone. */
  take(name: LimitName, caller: string): Promise<Allowance>;
}

export const LIMITS = Symbol('limits');

/** Reads are free unless they say otherwise: most are answered in front of the router, and the database bounds the rest. */
export function limitOf(
  { limit, demands }: { readonly limit?: LimitName | 'none'; readonly demands?: string },
  method: string,
): LimitName | undefined {
  if (limit !== undefined) return limit === 'none' ? undefined : limit;
  if (['GET', 'HEAD'].includes(method.toUpperCase())) return undefined;
  return demands === undefined ? 'credentials' : 'write';
}

export const policyField = (name: string, { requests, windowSeconds }: Quota): string =>
  `"${name}";q=${requests};w=${windowSeconds}`;

export const allowanceField = (name: string, { remaining, resetSeconds }: Omit<Allowance, 'isExceeded'>): string =>
  `"${name}";r=${remaining};t=${resetSeconds}`;
