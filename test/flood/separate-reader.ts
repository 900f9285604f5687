// Reads at a fixed rate from a process of its own, which comes before all others: readers have a machine of their own, and what
// theirs waits for here, while suppliers or attackers of the same check are busy, is nothing that the service does to them.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Seen } from './open-loop';

export const NOT_FIRST = 'Readers may not come first here: latencies have what they wait for a core themselves.';

export interface ReadOrder {
  readonly id: number;
  /** Asked for in turn. */
  readonly paths: readonly string[];
  readonly perSecond: number;
  readonly seconds: number;
}

export interface ReadReport {
  readonly id: number;
  readonly seen: readonly Seen[];
}

export class SeparateReader {
  private count = 0;

  private constructor(
    private readonly child: ChildProcess,
    /** False where the user may not do that, and the figures have what it waited for its core. */
    readonly comesFirst: boolean,
  ) {
    child.setMaxListeners(0);
  }

  static async start(url: string): Promise<SeparateReader> {
    const child = fork(join(__dirname, '../support/run.cjs'), ['flood/separate-reader.entry', url]);
    const [comesFirst] = (await once(child, 'message')) as [boolean];
    return new SeparateReader(child, comesFirst);
  }

  /** Answers are `seen` with the clock running from the moment when each request was due. */
  async run(paths: readonly string[], perSecond: number, seconds: number): Promise<readonly Seen[]> {
    const order: ReadOrder = { id: this.count++, paths, perSecond, seconds };
    this.child.send(order);
    for (;;) {
      const [{ id, seen }] = (await once(this.child, 'message')) as [ReadReport];
      if (id === order.id) return seen;
    }
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }
}
