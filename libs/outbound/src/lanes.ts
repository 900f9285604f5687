// Lets so many calls go at a time, and so many to one host; whoever waits for a slow host keeps nobody else waiting.
import { aborted } from './patience';

interface Lane {
  running: number;
  readonly waiting: Set<() => void>;
}

export class Lanes {
  private running = 0;
  private readonly lanes = new Map<string, Lane>();
  /** Lanes in which somebody waits and has room, the one that was served last at the end. */
  private readonly ready = new Set<Lane>();

  constructor(
    private readonly total: number,
    private readonly perLane: number,
  ) {}

  /**
   * @returns the call that makes room for the next; further calls of it do nothing
   * @throws CallFailed when the signal says so before there is room
   */
  async enter(name: string, signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw aborted();
    const lane = this.lanes.get(name) ?? { running: 0, waiting: new Set() };
    this.lanes.set(name, lane);
    await new Promise<void>((resolve, reject) => {
      const giveUp = (): void => {
        lane.waiting.delete(go);
        this.update(lane, name);
        reject(aborted());
      };
      const go = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      signal.addEventListener('abort', giveUp, { once: true });
      lane.waiting.add(go);
      this.update(lane, name);
      this.serve();
    });
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      lane.running--;
      this.running--;
      this.update(lane, name);
      this.serve();
    };
  }

  private update(lane: Lane, name: string): void {
    if (lane.waiting.size > 0 && lane.running < this.perLane) this.ready.add(lane);
    else this.ready.delete(lane);
    if (lane.running === 0 && lane.waiting.size === 0) this.lanes.delete(name);
  }

  private serve(): void {
    for (const lane of this.ready) {
      if (this.running >= this.total) return;
      this.ready.delete(lane);
      const [go] = lane.waiting;
      if (!go) continue;
      lane.waiting.delete(go);
      lane.running++;
      this.running++;
      // At the end, which the loop reaches after all others.
      if (lane.waiting.size > 0 && lane.running < this.perLane) this.ready.add(lane);
      go();
    }
  }
}
