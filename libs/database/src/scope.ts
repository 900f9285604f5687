// Values that follow a piece of work through all that it awaits, at no cost while there is no such work.
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';

const storages: AsyncLocalStorage<unknown>[] = [];
let active = 0;

/**
 * Below Node 24 an AsyncLocalStorage that was used once slows down every promise and every request from then on, by a fifth for a
 * cached answer: so all of them are switched off whenever nobody is inside one.
 */
export class Scope<T> {
  private readonly storage = new AsyncLocalStorage<T>();

  constructor() {
    storages.push(this.storage);
  }

  get(): T | undefined {
    return active === 0 ? undefined : this.storage.getStore();
  }

  /** Inside the work, and whatever it awaits, `get()` is the value. */
  async run<R>(value: T, work: () => Promise<R>): Promise<R> {
    active++;
    try {
      return await this.storage.run(value, work);
    } finally {
      leave();
    }
  }
}

const nowhere = new AsyncResource('outside of any scope');

/** Runs the work as nobody's: what it opens outlives the piece of work that happened to need it first. */
export const outside = <R>(work: () => R): R => nowhere.runInAsyncScope(work);

function leave(): void {
  if (--active === 0) for (const storage of storages) storage.disable();
}
