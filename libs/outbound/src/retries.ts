// Says whether and when a call that failed is tried again: with full jitter, and not before the server wants it.
import type { CallFailed } from './call-failed';
import type { OutboundSettings } from './settings';

/** Longer ones say "never"; a number that overflows a timer would say "at once". */
const MAX_SAID_MS = 24 * 60 * 60 * 1_000;

/** Milliseconds (RFC 9110, section 10.2.3); undefined when it is absent or makes no sense. */
export function retryAfterMs(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d{1,15}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_SAID_MS);
}

type Patient = Pick<OutboundSettings, 'retries' | 'pauseMs' | 'maxRetryAfterMs'>;

/** @returns milliseconds until the next attempt; undefined if there is none */
export function pauseBefore(
  attempts: number,
  { failure, isTransient }: CallFailed,
  { retries, pauseMs, maxRetryAfterMs }: Patient,
): number | undefined {
  const wantedMs = failure.retryAfterMs ?? 0;
  if (!isTransient || attempts > retries || wantedMs > maxRetryAfterMs) return undefined;
  return wantedMs + Math.random() * pauseMs * 2 ** (attempts - 1);
}
