// For how long somebody waits for what is done for him: nobody works on for who has gone, or has given up.
import { Scope } from './scope';

export class Lifetime {
  private reason?: Error;
  private readonly stops = new Set<(reason: Error) => void>();

  /** Whatever goes on for him stops, and nothing more begins. */
  end(reason: Error): void {
    if (this.reason) return;
    this.reason = reason;
    for (const stop of this.stops) stop(reason);
    this.stops.clear();
  }

  get isOver(): boolean {
    return this.reason !== undefined;
  }

  /** @throws the reason, once it has ended */
  assertGoesOn(): void {
    if (this.reason) throw this.reason;
  }

  /** @returns the call that takes the wish back */
  onEnd(stop: (reason: Error) => void): () => void {
    this.stops.add(stop);
    return () => void this.stops.delete(stop);
  }
}

const current = new Scope<Lifetime>();

/** Runs the work for somebody who waits that long. */
export const during = <T>(lifetime: Lifetime, work: () => Promise<T>): Promise<T> => current.run(lifetime, work);

/** Of him for whom something is done just now. */
export const lifetime = (): Lifetime | undefined => current.get();

/** All who wait for the same: it goes on while one of them does. */
export class Crowd {
  private common?: Lifetime;
  private waiting = 0;
  /** Nobody waits for it any more. */
  isOver = false;

  constructor() {
    this.join();
  }

  /** Whoever asks just now; one who has no lifetime waits for ever. */
  join(): void {
    this.waiting++;
    lifetime()?.onEnd((reason) => {
      if (--this.waiting > 0) return;
      this.isOver = true;
      this.common?.end(reason);
    });
  }

  /** Does what they wait for. */
  run<T>(work: () => Promise<T>): Promise<T> {
    if (lifetime() === undefined) return work();
    return current.run((this.common ??= new Lifetime()), work);
  }
}
