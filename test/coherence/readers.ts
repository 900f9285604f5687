// Readers: each keeps one connection to one instance busy, several requests at a time.
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from './connection';
import type { Instance } from './instance';
import type { Plan } from './plans';
import type { Random } from './random';
import { type ReadKind, Reads } from './reads';
import type { World } from './world';

export type ReadMix = Readonly<Partial<Record<ReadKind, number>>>;

/** Readers that are alike. */
export interface ReaderGroup {
  /** To each instance. */
  readonly connections: number;
  readonly mix: ReadMix;
  /** Requests that are sent in one write. */
  readonly depth: number;
  /** Milliseconds between the answers to some requests and the next ones. */
  readonly pauseMs: number;
}

const RECONNECT_MS = 100;

export class Reader {
  private connection?: Connection;

  constructor(
    private readonly world: World,
    private readonly instance: Instance,
    private readonly reads: Reads,
    private readonly random: Random,
    private readonly group: ReaderGroup,
  ) {}

  async run(): Promise<void> {
    const { world, group } = this;
    while (!world.isOver) {
      await this.round();
      const pauseMs = this.connection?.isLost ? RECONNECT_MS : group.pauseMs;
      if (pauseMs > 0) await sleep(pauseMs);
    }
    this.connection?.close();
  }

  private round(): Promise<void> {
    const { world, instance, random, group } = this;
    if (!this.connection || this.connection.isLost) this.connection = new Connection(instance.port);
    const plans: { kind: ReadKind; plan: Plan }[] = [];
    for (let n = 0; n < group.depth; n++) {
      const kind = random.weighted<ReadKind>(group.mix);
      plans.push({ kind, plan: this.reads.plan(kind) });
    }
    return new Promise((resolve) => {
      const sentAt = performance.now();
      let left = plans.length;
      this.connection?.send(
        plans.map(({ plan }) => plan.request),
        (outcome, _, index) => {
          const { kind, plan } = plans[index] as { kind: ReadKind; plan: Plan };
          world.tally.read(plan, outcome, { kind, instance: instance.name, sentAt });
          if (--left === 0) resolve();
        },
      );
    });
  }
}

export function startReaders(world: World, random: Random, groups: readonly ReaderGroup[]): Promise<void>[] {
  const reads = new Reads(world.catalogue, world.slots, random, (account) => world.passes.of(account));
  return world.instances.flatMap((instance) =>
    groups.flatMap((group) =>
      Array.from({ length: group.connections }, () => new Reader(world, instance, reads, random, group).run()),
    ),
  );
}
