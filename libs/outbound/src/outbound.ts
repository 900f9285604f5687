// Calls servers that are not trusted: never at a private address, never for long, never for more than a bounded size.
import { setMaxListeners } from 'node:events';
import { attempt, type Call, type Found, type Read, type Received, type Tally, type Trip } from './attempt';
import { CallFailed } from './call-failed';
import { Hops } from './hops';
import type { Outcome } from './outcome';
import { Patience } from './patience';
import { pauseBefore } from './retries';
import { OUTBOUND_DEFAULTS, type OutboundSettings } from './settings';
import { targetOf } from './targets';

type Ending<T> =
  | Found<T>
  | { readonly state: 'failed'; readonly error: CallFailed }
  | { readonly state: 'unread'; readonly error: unknown };

/**
 * One for the process: its lanes and breakers are what keeps a host from being overrun.
 *
 * @example
 * const outcome = await outbound.get({ url }, async ({ bytes, contentType }) => { for await (const chunk of bytes) … });
 * if (outcome.state === 'failed') outcome.failure.code; // 'address_refused', 'truncated', …
 */
export class Outbound {
  private readonly settings: OutboundSettings;
  private readonly hops: Hops;

  constructor(settings: Partial<OutboundSettings> = {}) {
    this.settings = { ...OUTBOUND_DEFAULTS, ...settings };
    this.hops = new Hops(this.settings);
  }

  /** Calls to one host that are on their way at the same time; what is above waits. */
  get perHost(): number {
    return this.settings.perHost;
  }

  /**
   * Asks for one URL. Never rejects: whatever happens is an outcome.
   * @param read gets the answer with status 200, again at each attempt if the call is rereadable, else at most once
   */
  async get<T>(call: Call, read: Read<T>): Promise<Outcome<T>> {
    const begunAt = performance.now();
    const { signal = new AbortController().signal } = call;
    // Hundreds of calls may share it.
    setMaxListeners(0, signal);
    const tally: Tally = { attempts: 0, redirects: 0, bytes: 0, decodedBytes: 0 };
    const trip: Trip = {
      hops: this.hops,
      settings: this.settings,
      patience: new Patience(this.settings.totalMs, signal),
      signal,
      tally,
    };
    const ending = await this.attempts(call, trip, read);
    const measures = { ...tally, durationMs: performance.now() - begunAt };
    if (ending.state !== 'failed') return { ...measures, ...ending };
    return { ...measures, state: 'failed', failure: ending.error.failure };
  }

  /**
   * Makes all calls, as many at a time as the settings allow, and yields each outcome as it comes. Calls that wait for a slow host
   * keep no others waiting. Leaving the loop early ends those that are on their way.
   */
  async *getAll<C extends Call, T>(
    calls: Iterable<C>,
    read: (received: Received, call: C) => Promise<T>,
  ): AsyncGenerator<{ readonly call: C; readonly outcome: Outcome<T> }> {
    const stop = new AbortController();
    const done: { call: C; outcome: Outcome<T> }[] = [];
    let wake = (): void => undefined;
    let left = 0;
    for (const call of calls) {
      left++;
      const signal = call.signal ? AbortSignal.any([call.signal, stop.signal]) : stop.signal;
      void this.get({ ...call, signal }, (received) => read(received, call)).then((outcome) => {
        done.push({ call, outcome });
        wake();
      });
    }
    try {
      for (; left > 0; left--) {
        if (done.length === 0) await new Promise<void>((resolve) => (wake = resolve));
        yield done.shift() as { call: C; outcome: Outcome<T> };
      }
    } finally {
      stop.abort();
    }
  }

  /** Ends what is on its way, and closes all connections. */
  close(): Promise<void> {
    return this.hops.close();
  }

  private async attempts<T>(call: Call, trip: Trip, read: Read<T>): Promise<Ending<T>> {
    const { patience, tally } = trip;
    for (;;) {
      try {
        const start = targetOf(call.url);
        tally.attempts++;
        tally.redirects = 0;
        return await attempt(call, start, trip, read);
      } catch (error) {
        if (!(error instanceof CallFailed)) return { state: 'unread', error };
        const pauseMs = pauseBefore(tally.attempts, error, this.settings);
        if (pauseMs === undefined || pauseMs >= patience.leftMs) return { state: 'failed', error };
        const rest = await patience.pause(pauseMs).catch((ended: CallFailed) => ended);
        if (rest instanceof CallFailed) return { state: 'failed', error: rest };
      }
    }
  }
}
