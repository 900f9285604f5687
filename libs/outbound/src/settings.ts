// How patient and how generous a client is with servers that it does not trust; the values are those of the reliability design.
import type { Resolve } from './resolve';

export interface OutboundSettings {
  /** Networks (10.0.0.0/8), addresses and host names that may be called although they are not public. */
  readonly allow: readonly string[];
  /** Calls on their way at the same time. */
  readonly concurrency: number;
  /** The same for one host and port; what waits for one keeps no other waiting. */
  readonly perHost: number;
  /** For the name, the connection and TLS together. */
  readonly connectMs: number;
  /** From the request to the end of the answer's headers; undici keeps it to within a second. */
  readonly headersMs: number;
  /** All waiting for the server: attempts, redirects and pauses together. The reader's own time does not count. */
  readonly totalMs: number;
  readonly retries: number;
  /** The first pause is drawn from 0 to this, each further one from twice as much ("full jitter"). */
  readonly pauseMs: number;
  /** A server that asks for a longer pause is not asked again within this call. */
  readonly maxRetryAfterMs: number;
  readonly maxRedirects: number;
  /** Of a body on the wire. */
  readonly maxBytes: number;
  /** Of a body, decoded. */
  readonly maxDecodedBytes: number;
  /** Decoded bytes for one on the wire; looked at from the first mebibyte on. Real catalogues have 5 to 50, a bomb has 1,000. */
  readonly maxRatio: number;
  /** Failures in a row after which a host is left alone. */
  readonly breakAfter: number;
  /** For how long. */
  readonly breakMs: number;
  readonly userAgent: string;
  /** Whom to ask for the addresses of a name; the system's name servers when absent. */
  readonly resolve?: Resolve;
}

const MIB = 1024 * 1024;

export const OUTBOUND_DEFAULTS: OutboundSettings = {
  allow: [],
  concurrency: 256,
  perHost: 8,
  connectMs: 1_000,
  headersMs: 5_000,
  totalMs: 30_000,
  retries: 2,
  pauseMs: 250,
  maxRetryAfterMs: 10_000,
  maxRedirects: 5,
  maxBytes: 100 * MIB,
  maxDecodedBytes: 512 * MIB,
  maxRatio: 200,
  breakAfter: 5,
  breakMs: 30_000,
  userAgent: 'floodgate',
};
