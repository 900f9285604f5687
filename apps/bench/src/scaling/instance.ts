// One instance: its memory, which is the real one, and its change feed.
import { type Kept, Memory } from '@app/caching';
import type { Agenda } from './agenda';
import { Pace } from './pace';

/** Any size: only how many fit counts. */
const BYTES = 1_024;

class Item implements Kept {
  uses = 0;
  readonly bytes = BYTES;
  readonly tags: readonly string[];

  constructor(
    readonly key: string,
    readonly expiresAt: number,
  ) {
    this.tags = [key];
  }
}

export interface InstanceSettings {
  readonly kept: number;
  readonly stalenessMs: number;
  readonly pollMs: number;
  readonly lifeMs: number;
  /** Asked for what memory does not have. */
  readonly fetch: (item: number) => void;
}

const keyOf = (item: number): string => `items:${item}`;

export class Instance {
  misses = 0;
  readonly pace: Pace;
  private readonly memory: Memory;
  private unseen: number[] = [];
  private asked: number[] = [];

  constructor(
    private readonly agenda: Agenda,
    private readonly settings: InstanceSettings,
  ) {
    const { stalenessMs, pollMs, kept } = settings;
    this.memory = new Memory(kept * BYTES);
    this.pace = new Pace(agenda, {
      stalenessMs,
      pollMs,
      began: () => {
        this.asked = this.unseen;
        this.unseen = [];
      },
      answered: () => this.asked.forEach((item) => this.memory.drop(keyOf(item))),
    });
  }

  read(item: number): void {
    this.pace.use();
    const kept = this.memory.get(keyOf(item)) as Item | undefined;
    if (kept && this.agenda.now < kept.expiresAt) return;
    this.misses++;
    this.settings.fetch(item);
    this.keep(item, this.agenda.now + this.settings.lifeMs);
  }

  keep(item: number, until: number): void {
    this.memory.set(new Item(keyOf(item), until));
  }

  changed(item: number): void {
    this.unseen.push(item);
  }
}
