// Writers, whoever they are: which item changes when, by which instance, and when the others hear of it.
import { WAKE_UP_GAP_MS } from '@app/caching';
import type { Agenda } from './agenda';
import { drawOf, type Load } from './load';
import { waitOf } from './random';

export interface Listener {
  readonly changed: (item: number, by: number) => void;
  readonly woken: (by: number) => void;
}

/** Writes come at random to any instance; each tells the others through Redis, at most once in a gap. */
export class Writers {
  publishes = 0;
  private readonly toldAt: Float64Array;
  private readonly isToTell: Uint8Array;
  private readonly draw: (uniform: number) => number;

  constructor(
    private readonly agenda: Agenda,
    private readonly random: () => number,
    private readonly load: Load,
    private readonly listener: Listener,
  ) {
    this.toldAt = new Float64Array(load.instances).fill(-Infinity);
    this.isToTell = new Uint8Array(load.instances);
    this.draw = drawOf(load);
    this.plan();
  }

  private plan(): void {
    const wait = waitOf(this.load.writesPerSecond / 1_000, this.random());
    this.agenda.add(this.agenda.now + wait, () => {
      const by = Math.floor(this.random() * this.load.instances);
      this.listener.changed(this.draw(this.random()), by);
      if (this.load.isWithRedis) this.committed(by);
      this.plan();
    });
  }

  private committed(by: number): void {
    if (this.isToTell[by]) return;
    const at = Math.max(this.agenda.now, (this.toldAt[by] as number) + WAKE_UP_GAP_MS);
    if (at === this.agenda.now) return this.tell(by);
    this.isToTell[by] = 1;
    this.agenda.add(at, () => this.tell(by));
  }

  private tell(by: number): void {
    this.isToTell[by] = 0;
    this.toldAt[by] = this.agenda.now;
    this.publishes++;
    this.listener.woken(by);
  }
}
