// How late the event loop is: for how long what is due has to wait for what is being done.
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds between two looks of Node's own monitor, which it counts as part of each delay. */
const RESOLUTION = 10;
const WINDOW = 100;

export class Lateness {
  private readonly delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  private endedAt = -Infinity;
  private latest = 0;

  constructor() {
    this.delay.enable();
  }

  /** Milliseconds, on average over a tenth of a second; @param now `performance.now()` */
  ms(now: number): number {
    if (now - this.endedAt < WINDOW) return this.latest;
    // Without a sample nobody has come to look.
    if (this.delay.count > 0) this.latest = Math.max(0, this.delay.mean / 1e6 - RESOLUTION);
    this.delay.reset();
    this.endedAt = now;
    return this.latest;
  }

  stop(): void {
    this.delay.disable();
  }
}
