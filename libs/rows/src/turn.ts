// One turn of the event loop for each batch, whoever asks: hundreds of sources that are parsed at the same time share what one may take.
import { setImmediate } from 'node:timers/promises';

let last: Promise<unknown> = Promise.resolve();

/** Resolves after everyone who has asked before, each in an iteration of its own. */
export function turn(): Promise<unknown> {
  last = last.then(() => setImmediate());
  return last;
}
