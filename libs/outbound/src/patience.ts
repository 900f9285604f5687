// Counts the time that a call waits for others, and ends it when that is over or nobody wants the answer any more.
import { setTimeout as delay } from 'node:timers/promises';
import { CallFailed } from './call-failed';

export class Patience {
  private waitedMs = 0;

  /** @param totalMs of waiting, in as many pieces as it takes */
  constructor(
    private readonly totalMs: number,
    private readonly signal: AbortSignal,
  ) {}

  get leftMs(): number {
    return Math.max(this.totalMs - this.waitedMs, 0);
  }

  /** @throws CallFailed when the time is over, or when the call was aborted */
  async within<T>(work: Promise<T>): Promise<T> {
    const askedAt = performance.now();
    let end = (): void => undefined;
    const ended = new Promise<never>((_, reject) => {
      const onAbort = (): void => reject(aborted());
      const timer = setTimeout(() => reject(this.over()), this.leftMs);
      this.signal.addEventListener('abort', onAbort);
      end = () => {
        clearTimeout(timer);
        this.signal.removeEventListener('abort', onAbort);
      };
      if (this.signal.aborted) onAbort();
    });
    try {
      return await Promise.race([work, ended]);
    } finally {
      end();
      this.waitedMs += performance.now() - askedAt;
    }
  }

  /** @throws CallFailed as `within` does, and leaves no timer behind */
  async pause(ms: number): Promise<void> {
    const stop = new AbortController();
    try {
      await this.within(delay(ms, undefined, { signal: stop.signal }));
    } finally {
      stop.abort();
    }
  }

  private over(): CallFailed {
    return new CallFailed('total_timeout', `It took more than ${this.totalMs} ms of waiting.`, { isFault: true });
  }
}

export const aborted = (): CallFailed => new CallFailed('aborted', 'Nobody wanted the answer any more.');
