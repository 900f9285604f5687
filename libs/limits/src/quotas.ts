// How much each limit allows, in which time.
import type { Quotas } from './limits';

/** Requests in a window; null switches the limit off. */
export interface LimitsSettings {
  /** A minute, for each principal. */
  readonly writes: number | null;
  /** A minute, for each address. */
  readonly credentials: number | null;
  /** An hour, for each address. */
  readonly signUps: number | null;
  /** A minute, for each principal or address. */
  readonly bulk: number | null;
}

const MINUTE = 60;
const HOUR = 3_600;

export function quotasOf({ writes, credentials, signUps, bulk }: LimitsSettings): Quotas {
  return {
    ...(writes !== null && { write: { requests: writes, windowSeconds: MINUTE } }),
    ...(credentials !== null && { credentials: { requests: credentials, windowSeconds: MINUTE } }),
    ...(signUps !== null && { 'sign-up': { requests: signUps, windowSeconds: HOUR } }),
    ...(bulk !== null && { bulk: { requests: bulk, windowSeconds: MINUTE } }),
  };
}
