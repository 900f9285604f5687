// Shares the event loop: a loop over what is already here would otherwise keep every other request waiting.
import { setImmediate } from 'node:timers/promises';

const MAX_TURN_MS = 5;

export class Turns {
  private endsAt = performance.now() + MAX_TURN_MS;

  get isOver(): boolean {
    return performance.now() >= this.endsAt;
  }

  /** Lets the others have theirs. */
  async pass(): Promise<void> {
    await setImmediate();
    this.endsAt = performance.now() + MAX_TURN_MS;
  }
}
