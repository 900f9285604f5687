// How many requests of a kind may be worked on at once: as many as are answered in not much more than their usual time.

export interface BudgetOptions {
  readonly min: number;
  /** The least while the event loop is late: whoever is let in would only wait for the others, and with him all who are not. */
  readonly minLate?: number;
  /** Where it begins, and what it returns to while little is going on. */
  readonly calm: number;
  readonly max: number;
}

/** Milliseconds. */
const WINDOW = 100;
/** What takes less is not slow, however many times its usual time that is: gathered reads gain by waiting for each other. */
const NEVER_SLOW = 5;
/** What usually takes more is slow by nature. */
const MOST_USUAL = 100;

/** What is slow for less is a moment that passes: garbage, a checkpoint, a neighbour on the machine. A queue that stays is an overload. */
const STANDING = 400;

/** So many times its usual time may a request take on average. */
const TOLERANCE = 4;
/** While the event loop is late. */
const TOLERANCE_LATE = 2;
/** Milliseconds; later than this, even what costs nothing is answered late. */
const LATE = 5;
const MOST_SHRINKING = 0.5;
const GROWTH = 0.25;
const RETURN = 0.25;
/** How fast the usual time follows when it grows, a second: what an overload makes usual must not count as such soon. */
const DRIFT = 0.002;
const MIN_SAMPLES = 8;

/** The time that requests of one route take while little is going on. */
interface Usual {
  ms: number;
  sum: number;
  count: number;
}

/**
 * Follows the gradient of the time that requests take (as TCP Vegas and Netflix's `concurrency-limits` do), each held against the
 * usual time of its own route, so that a mix that changes is not taken for an overload.
 */
export class Budget {
  /** Refused so far. */
  refused = 0;
  running = 0;
  limit: number;
  private readonly usual = new Map<string, Usual>();
  private windowEndsAt = 0;
  /** When requests last took no longer than they should. */
  private wellAt = 0;
  private stretch = 0;
  private samples = 0;
  /** Most that ran at once in this window. */
  private most = 0;
  /** Let in, but still sending: counts for a moment, lest slow senders keep everyone else out. */
  private arriving = 0;
  /** Its end follows the clock: while nothing but slow senders is there, nothing ends that could move it. */
  private arrivingEndsAt = 0;
  private window = 0;

  constructor(
    readonly name: string,
    private readonly options: BudgetOptions,
    private readonly latenessAt: (now: number) => number = () => 0,
  ) {
    this.limit = options.calm;
  }

  get isFull(): boolean {
    if (this.running + this.arriving < this.limit) return false;
    if (this.arriving > 0) this.forgetArriving(performance.now());
    return this.running + this.arriving >= this.limit;
  }

  /** Its body is not here yet. @returns what `arrived()` wants to know */
  announce(): number {
    this.forgetArriving(performance.now());
    this.arriving++;
    return this.window;
  }

  /** All of a request is here, or its sender has gone. */
  arrived(window: number): void {
    if (window === this.window) this.arriving--;
  }

  enter(): void {
    if (++this.running > this.most) this.most = this.running;
  }

  /** @param now `performance.now()`; @param ms how long it took */
  leave(route: string, ms: number, now: number): void {
    this.running--;
    let usual = this.usual.get(route);
    if (usual === undefined) this.usual.set(route, (usual = { ms: Math.min(ms, MOST_USUAL), sum: 0, count: 0 }));
    usual.sum += ms;
    usual.count++;
    this.stretch += ms / Math.max(usual.ms, NEVER_SLOW);
    this.samples++;
    if (now >= this.windowEndsAt) this.adapt(now);
  }

  private forgetArriving(now: number): void {
    if (now < this.arrivingEndsAt) return;
    this.arriving = 0;
    this.window++;
    this.arrivingEndsAt = now + WINDOW;
  }

  private adapt(now: number): void {
    const { min, minLate, calm, max } = this.options;
    const isLate = minLate !== undefined && this.latenessAt(now) > LATE;
    const gradient = ((isLate ? TOLERANCE_LATE : TOLERANCE) * this.samples) / this.stretch;
    if (gradient >= 1 || now - this.windowEndsAt > STANDING) this.wellAt = now;
    if (gradient < 1 && this.samples >= MIN_SAMPLES)
      this.limit *= now - this.wellAt < STANDING ? 1 : Math.max(MOST_SHRINKING, gradient);
    // Who did not use what there was has not shown that there could be more.
    // And what is slow has not ended yet: as acknowledgements do for TCP, only ends make room for more.
    else if (gradient >= 1 && this.most > this.limit / 2) this.limit += Math.min(this.limit, this.samples) * GROWTH;
    else if (gradient >= 1) this.limit += (calm - this.limit) * RETURN;
    this.limit = Math.max(isLate ? minLate : min, Math.min(max, this.limit));
    const seconds = Math.min(1, (now - this.windowEndsAt + WINDOW) / 1_000);
    for (const usual of this.usual.values()) {
      const mean = usual.sum / usual.count;
      const most = Math.min(MOST_USUAL, usual.ms * (1 + DRIFT * seconds));
      if (usual.count >= MIN_SAMPLES || mean < most) usual.ms = Math.min(mean, most);
      usual.sum = usual.count = 0;
    }
    this.stretch = this.samples = 0;
    this.most = this.running;
    this.windowEndsAt = now + WINDOW;
  }
}
