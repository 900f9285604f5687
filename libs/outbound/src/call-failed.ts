// Carries a failure from where it happens to where the outcome is made; it never leaves this lib.
import type { Failure, FailureCode } from './outcome';

export interface FailureTraits {
  readonly retryAfterMs?: number;
  /** Another attempt could succeed. */
  readonly isTransient?: boolean;
  /** The server is to blame, which its breaker counts. */
  readonly isFault?: boolean;
  readonly cause?: unknown;
}

export class CallFailed extends Error {
  readonly failure: Failure;
  readonly isTransient: boolean;
  readonly isFault: boolean;

  constructor(
    readonly code: FailureCode,
    readonly detail: string,
    private readonly traits: FailureTraits = {},
  ) {
    super(`${code}: ${detail}`, { cause: traits.cause });
    const { retryAfterMs, isTransient = false, isFault = isTransient } = traits;
    this.failure = { code, detail, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    this.isTransient = isTransient;
    this.isFault = isFault;
  }

  /** The same, and no further attempt. */
  asFinal(): CallFailed {
    return new CallFailed(this.code, this.detail, { ...this.traits, isFault: this.isFault, isTransient: false });
  }
}
