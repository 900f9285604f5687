// Lets a few through at a time; the rest wait in a bounded queue, and beyond that are refused at once.
import { lifetime } from '@app/database';
import { busy } from './problems';

export class Gate {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /** @param what names the work in the refusal: "Too many {what} …" */
  constructor(
    private readonly what: string,
    private readonly maxRunning: number,
    private readonly maxWaiting: number,
  ) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    const leave = await this.enter();
    try {
      // Whoever has gone meanwhile needs nothing any more.
      lifetime()?.assertGoesOn();
      return await work();
    } finally {
      leave();
    }
  }

  /** @returns the call that makes room for the next; it must be made exactly once */
  async enter(): Promise<() => void> {
    if (this.running >= this.maxRunning) {
      if (this.waiting.length >= this.maxWaiting) busy(`Too many ${this.what} at the moment; try again.`);
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else this.running++;
    return () => {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    };
  }
}
