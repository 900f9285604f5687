// Asks at a fixed rate from a process of its own, which comes before all others: callers have a machine of their own, and what
// theirs waits for here, while suppliers or attackers of the same check are busy, is nothing that the service does to them.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Asked, Seen } from './open-loop';

export const NOT_FIRST = 'Callers may not come first here: latencies have what they wait for a core themselves.';

export interface Order {
  readonly id: number;
  /** Asked for in turn. */
  readonly asked: readonly Asked[];
  readonly perSecond: number;
  readonly seconds: number;
}

export interface Report {
  readonly id: number;
  readonly seen: readonly Seen[];
}

interface Pending {
  readonly resolve: (seen: readonly Seen[]) => void;
  readonly reject: (error: Error) => void;
}

export class SeparateCaller {
  private count = 0;
  private readonly pending = new Map<number, Pending>();

  private constructor(
    private readonly child: ChildProcess,
    /** False where the user may not do that, and the figures have what it waited for its core. */
    readonly comesFirst: boolean,
  ) {
    child.on('message', ({ id, seen }: Report) => {
      this.pending.get(id)?.resolve(seen);
      this.pending.delete(id);
    });
    child.once('exit', () => this.pending.forEach(({ reject }) => reject(new Error('The caller has ended.'))));
  }

  static async start(url: string): Promise<SeparateCaller> {
    const child = fork(join(__dirname, 'run.cjs'), ['support/separate-caller.entry', url]);
    const [comesFirst] = (await once(child, 'message')) as [boolean];
    return new SeparateCaller(child, comesFirst);
  }

  /** The clock of each answer runs from the moment when its request was due. */
  run(asked: readonly Asked[], perSecond: number, seconds: number): Promise<readonly Seen[]> {
    const order: Order = { id: this.count++, asked, perSecond, seconds };
    return new Promise((resolve, reject) => {
      this.pending.set(order.id, { resolve, reject });
      this.child.send(order);
    });
  }

  /** Second by second until the work is done, and for some seconds at least; @param next what to ask for in the next second */
  async during(work: Promise<unknown>, next: () => readonly Asked[], perSecond: number, least = 0): Promise<Seen[]> {
    const all: Seen[] = [];
    let isOver = false;
    const over = work.finally(() => (isOver = true));
    over.catch(() => undefined);
    for (let second = 0; second < least || !isOver; second++) all.push(...(await this.run(next(), perSecond, 1)));
    await over;
    return all;
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }
}
