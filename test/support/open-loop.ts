// Asks at a fixed rate, whatever comes back: the clock of each request runs from the moment when it was due.
import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, Pool } from 'undici';
import type { Asked } from './load';

export type { Asked };

export interface Outcome {
  /** Milliseconds, ascending. */
  readonly latencies: readonly number[];
  /** How often each status was answered; 0 stands for none. */
  readonly statuses: ReadonlyMap<number, number>;
  readonly seen: readonly Seen[];
}

/** One answer. */
export interface Seen {
  readonly status: number;
  readonly retryAfter?: string;
  /** Since it was due. */
  readonly ms: number;
  /** Since the beginning. */
  readonly atMs: number;
}

/** More are never in flight: who asks for more than that has lost already. */
const SOCKETS = 512;
const TICK_MS = 2;

export class OpenLoop {
  /** Of the cores that they share with the service, it needs less than half of what the client of `node:http` does. */
  private readonly pool: Pool;

  constructor(url: string) {
    this.pool = new Pool(url, { connections: SOCKETS, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
  }

  async run(next: (n: number) => Asked, perSecond: number, seconds: number): Promise<Outcome> {
    const seen: Seen[] = [];
    const statuses = new Map<number, number>();
    const asked: Promise<void>[] = [];
    const begunAt = performance.now();
    const total = perSecond * seconds;
    const dueAt = (n: number): number => begunAt + (n * 1_000) / perSecond;
    for (let n = 0; n < total;) {
      for (; n < total && dueAt(n) <= performance.now(); n++) {
        const due = dueAt(n);
        const answered = this.ask(next(n)).then(({ status, retryAfter }) => {
          const now = performance.now();
          seen.push({ status, retryAfter, ms: now - due, atMs: now - begunAt });
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        });
        asked.push(answered);
      }
      await sleep(TICK_MS);
    }
    await Promise.all(asked);
    return { latencies: latenciesOf(seen), statuses, seen };
  }

  /** Callers that ask again as soon as they are answered, to see how much can be had. @returns answers a second of status 2xx */
  async most(next: (n: number) => Asked, callers: number, seconds: number): Promise<number> {
    const endsAt = performance.now() + seconds * 1_000;
    let [count, answered] = [0, 0];
    const caller = async (): Promise<void> => {
      while (performance.now() < endsAt) {
        const { status } = await this.ask(next(count++));
        if (status >= 200 && status < 300) answered++;
      }
    };
    await Promise.all(Array.from({ length: callers }, caller));
    return answered / seconds;
  }

  /**
   * Opens all connections, as a balancer keeps them open: libuv accepts one in a turn of the event loop (since 1.45), so that callers
   * who connect for each request would measure how many turns an overloaded loop has.
   */
  async connect(): Promise<void> {
    const asks = Array.from({ length: SOCKETS }, () => this.ask({ method: 'GET', path: '/health/live' }));
    await Promise.all(asks);
  }

  ask({ method = 'GET', path, headers, body }: Asked): Promise<Answer> {
    return new Promise((resolve) => {
      this.pool.dispatch({ method, path, headers, body }, new Hearer(resolve));
    });
  }

  /** Without waiting for what is on its way. */
  close(): void {
    void this.pool.destroy();
  }
}

type Answer = Pick<Seen, 'status' | 'retryAfter'>;

/** Reads an answer to its end, and keeps nothing of its body. */
class Hearer implements Dispatcher.DispatchHandler {
  private answer: Answer = { status: 0 };

  constructor(private readonly resolve: (answer: Answer) => void) {}

  onRequestStart(): void {}

  onResponseStart(_: unknown, status: number, { 'retry-after': retryAfter }: IncomingHttpHeaders): void {
    this.answer = { status, ...(typeof retryAfter === 'string' && { retryAfter }) };
  }

  onResponseData(): void {}

  onResponseEnd(): void {
    this.resolve(this.answer);
  }

  onResponseError(): void {
    this.resolve({ status: 0 });
  }
}

/** Ascending. */
export const latenciesOf = (seen: readonly Seen[]): number[] => seen.map(({ ms }) => ms).sort((a, b) => a - b);

export const percentile = (ascending: readonly number[], share: number): number =>
  ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? NaN;
