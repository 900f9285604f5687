// Follows one call to the answer that it is meant for, or to the reason why there is none.
import { ENCODINGS, type Meter, readBody } from './body';
import { CallFailed } from './call-failed';
import { type Answer, Hops } from './hops';
import type { Validators } from './outcome';
import type { Patience } from './patience';
import { retryAfterMs } from './retries';
import type { OutboundSettings } from './settings';
import { isRedirect, Route } from './targets';

export interface Call {
  readonly url: string;
  /** Sent to the URL's own origin only: a redirect to another takes none of them along. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the answer that the caller has already. */
  readonly validators?: Validators;
  /** Ends the call, whatever it is doing. */
  readonly signal?: AbortSignal;
  /** The reader can begin anew, so that an answer that broke off may be asked for once more. */
  readonly isRereadable?: boolean;
}

/** The answer as its reader sees it. */
export interface Received {
  /** After redirects. */
  readonly url: string;
  /** As it was sent, with parameters; absent if it was not. */
  readonly contentType?: string;
  /** Decoded. Iterating waits for the server; it throws what the call will be told to have failed with. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

export type Read<T> = (received: Received) => Promise<T>;

/** What was found where the redirects end. */
export type Found<T> =
  { readonly state: 'read'; readonly value: T; readonly validators: Validators } | { readonly state: 'not_modified' };

/** Kept over the attempts of a call. */
export interface Tally extends Meter {
  attempts: number;
  redirects: number;
  status?: number;
}

export interface Trip {
  readonly hops: Hops;
  readonly settings: OutboundSettings;
  readonly patience: Patience;
  readonly signal: AbortSignal;
  readonly tally: Tally;
}

const TRY_AGAIN = new Set([408, 429, 500, 502, 503, 504]);

/** @throws CallFailed, or what `read` throws */
export async function attempt<T>(call: Call, start: URL, trip: Trip, read: Read<T>): Promise<Found<T>> {
  const { hops, settings, tally } = trip;
  const route = new Route(start, settings.maxRedirects);
  let own: Readonly<Record<string, string>> = call.headers ?? {};
  for (let url = start; ;) {
    const headers = { ...own, ...headersOf(validatorsFor(url, call), settings) };
    const found = await hops.visit(url, headers, trip, async (answer): Promise<URL | Found<T>> => {
      tally.status = answer.status;
      if (!isRedirect(answer.status)) return find(answer, url, call, trip, read);
      Hops.drop(answer);
      return route.next(url, answer.headers.location);
    });
    if (!(found instanceof URL)) return found;
    if (found.origin !== url.origin) own = {};
    url = found;
    tally.redirects = route.redirects;
  }
}

/** Another URL may use the same tag for something else. */
const validatorsFor = (url: URL, { validators }: Call): Validators | undefined =>
  validators?.url === url.href && (validators.etag ?? validators.lastModified) !== undefined ? validators : undefined;

function headersOf(validators: Validators | undefined, { userAgent }: OutboundSettings): Record<string, string> {
  const { etag, lastModified } = validators ?? {};
  return {
    'user-agent': userAgent,
    'accept-encoding': ENCODINGS,
    ...(etag !== undefined && { 'if-none-match': etag }),
    ...(lastModified !== undefined && { 'if-modified-since': lastModified }),
  };
}

async function find<T>(answer: Answer, url: URL, call: Call, trip: Trip, read: Read<T>): Promise<Found<T>> {
  const { status, headers } = answer;
  if (status === 304 && validatorsFor(url, call)) {
    Hops.drop(answer);
    return { state: 'not_modified' };
  }
  if (status !== 200) {
    Hops.drop(answer);
    throw new CallFailed('http_status', `${url.host} answered ${status}.`, {
      isTransient: TRY_AGAIN.has(status),
      isFault: status >= 500,
      retryAfterMs: retryAfterMs(headers['retry-after']),
    });
  }
  const value = await readAnswer(answer, url, call, trip, read);
  const { etag, 'last-modified': lastModified } = headers;
  const validators = { url: url.href, ...(etag && { etag }), ...(lastModified && { lastModified }) };
  return { state: 'read', value, validators };
}

async function readAnswer<T>(
  { headers, body: stream }: Answer,
  url: URL,
  { isRereadable = false }: Call,
  { settings, patience, tally }: Trip,
  read: Read<T>,
): Promise<T> {
  const { host, href } = url;
  const encoding = headers['content-encoding']?.trim().toLowerCase() || 'identity';
  let failure: CallFailed | undefined;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    try {
      yield* readBody({ stream, host, encoding }, patience, tally, settings);
    } catch (error) {
      if (error instanceof CallFailed) failure = isRereadable ? error : error.asFinal();
      throw failure ?? error;
    }
  }
  const contentType = headers['content-type'];
  try {
    if (Number(headers['content-length'] ?? 0) > settings.maxBytes)
      throw new CallFailed('too_large', `The answer of ${host} has more than ${settings.maxBytes} bytes.`);
    const value = await read({ url: href, ...(contentType !== undefined && { contentType }), bytes: bytes() });
    // A reader that went on without the rest has not read the answer.
    if (failure) throw failure;
    return value;
  } catch (error) {
    throw failure ?? error;
  } finally {
    stream.destroy();
  }
}
