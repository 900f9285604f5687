// What became of a call: everything that can happen to one has a name, and none of it is an exception.

/** Stable: they are stored and shown. What each means stands in docs/feeds.md. */
export type FailureCode =
  | 'invalid_url'
  | 'address_refused'
  | 'dns'
  | 'connect_refused'
  | 'connect_timeout'
  | 'tls'
  | 'connection_lost'
  | 'headers_timeout'
  | 'total_timeout'
  | 'bad_response'
  | 'http_status'
  | 'bad_redirect'
  | 'redirect_loop'
  | 'too_many_redirects'
  | 'too_large'
  | 'decoded_too_large'
  | 'unknown_encoding'
  | 'corrupt_encoding'
  | 'truncated'
  | 'breaker_open'
  | 'aborted';

export interface Failure {
  readonly code: FailureCode;
  /** A sentence for whoever looks after the call. Names hosts and numbers, never a path, a query or a header. */
  readonly detail: string;
  /** Milliseconds after which another call makes sense, where the server or the breaker said so. */
  readonly retryAfterMs?: number;
}

export interface Measures {
  /** Times that the call was begun at its own URL; 0 if that is none. */
  readonly attempts: number;
  /** Redirects that the last attempt followed. */
  readonly redirects: number;
  /** Of the last answer; absent if there was none. */
  readonly status?: number;
  /** Of all bodies, as they came over the wire. */
  readonly bytes: number;
  /** The same after decoding. */
  readonly decodedBytes: number;
  /** From the call to its outcome, in which it waited for its turn, too. */
  readonly durationMs: number;
}

/** What makes the next call a conditional one (RFC 9110, section 13). */
export interface Validators {
  /** Where the answer was found, after redirects: it means nothing anywhere else, and is sent nowhere else. */
  readonly url: string;
  readonly etag?: string;
  readonly lastModified?: string;
}

export type Outcome<T> = Measures &
  (
    | { readonly state: 'read'; readonly value: T; readonly validators: Validators }
    /** 304: nothing has changed since the validators that were sent. */
    | { readonly state: 'not_modified' }
    | { readonly state: 'failed'; readonly failure: Failure }
    /** Whoever read the body threw `error`; the call itself was good so far. */
    | { readonly state: 'unread'; readonly error: unknown }
  );
