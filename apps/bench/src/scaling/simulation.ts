// A fleet, event by event: some of its instances in full, the others by what they would have done to Redis.
import { Agenda } from './agenda';
import { idleSecondsOf, trafficOf } from './arithmetic';
import { Writers } from './fleet';
import { Instance } from './instance';
import { drawOf, type Load, MEAN_LIFE, sharesOf, type Traffic } from './load';
import { randomOf, waitOf } from './random';
import { Shared } from './shared';

export interface SimulationSettings {
  readonly seed: number;
  /** Instances that are simulated in full; all stand for the fleet alike. */
  readonly sample: number;
  /** After as many as a quarter of them, which are not counted. */
  readonly events: number;
  /** With nothing in any cache, and all of it counted. */
  readonly isCold?: boolean;
}

export interface Simulated extends Traffic {
  /** Of the fleet's time. */
  readonly seconds: number;
}

export function simulate(load: Load, settings: SimulationSettings): Simulated {
  const run = new Simulation(load, settings);
  if (!settings.isCold) {
    run.warm();
    run.go(settings.events / 4);
  }
  run.forget();
  run.go(settings.events);
  return run.counted();
}

class Simulation {
  private readonly agenda = new Agenda();
  private readonly random: () => number;
  private readonly instances: Instance[];
  private readonly writers: Writers;
  private readonly shared: Shared;
  private readonly lifeMs: number;
  private readonly draw: (uniform: number) => number;
  private counts = { at: 0, polls: 0, misses: 0, loads: 0, publishes: 0 };

  constructor(
    private readonly load: Load,
    { seed, sample }: SimulationSettings,
  ) {
    const { instances, readsPerSecond, stalenessMs, pollMs, kept, ttlMs, items } = load;
    this.random = randomOf(seed);
    this.draw = drawOf(load);
    this.lifeMs = ttlMs * MEAN_LIFE;
    const shares = sharesOf(load);
    const reads = (item: number): number => ((shares[item] as number) * readsPerSecond) / instances / 1_000;
    const size = Math.min(sample, instances);
    this.shared = new Shared(load, this.random, {
      count: instances - size,
      reads,
      misses: (item) => 1 / (1 / reads(item) + this.lifeMs),
    });
    const fetch = (item: number): void => void this.shared.ask(item, this.agenda.now);
    // Where all items fit, none is evicted for being the newest.
    const room = kept >= items ? 2 * items : kept;
    const settings = { kept: room, stalenessMs, pollMs, lifeMs: this.lifeMs, fetch };
    this.instances = Array.from({ length: size }, () => new Instance(this.agenda, settings));
    this.writers = new Writers(this.agenda, this.random, load, {
      changed: (item, by) => this.changed(item, by),
      woken: (by) => this.instances.forEach(({ pace }, at) => at !== by && pace.wake()),
    });
    this.planRead();
  }

  /** As after a long time: where each item is depends on when it was last written, and read. */
  warm(): void {
    const { load, random, lifeMs } = this;
    const { instances, readsPerSecond, writesPerSecond } = load;
    const idleMs = 1_000 * idleSecondsOf(load, trafficOf(load).polls / instances);
    const shares = sharesOf(load);
    for (let item = load.items - 1; item >= 0; item--) {
      const share = shares[item] as number;
      const writtenMs = waitOf((writesPerSecond * share) / 1_000, random());
      const wasRead = (age: number, readers: number): boolean =>
        random() < 1 - Math.exp((-readsPerSecond * share * age * readers) / instances / 1_000);
      for (const instance of this.instances) {
        const age = Math.min(writtenMs, random() * lifeMs);
        if (wasRead(Math.min(age, idleMs), 1)) instance.keep(item, lifeMs - age);
      }
      const age = Math.min(writtenMs, random() * lifeMs);
      if (wasRead(age, instances)) this.shared.fill(item, lifeMs - age);
    }
  }

  go(events: number): void {
    for (let at = 0; at < events && this.agenda.step(); at++);
  }

  forget(): void {
    this.counts = this.total();
  }

  counted(): Simulated {
    const now = this.total();
    const seconds = (now.at - this.counts.at) / 1_000;
    const rate = (of: 'polls' | 'misses' | 'loads' | 'publishes'): number => (now[of] - this.counts[of]) / seconds;
    const times = this.load.instances / this.instances.length;
    const misses = rate('misses') * times;
    return {
      seconds,
      polls: rate('polls') * times,
      misses,
      loads: this.load.isWithRedis ? rate('loads') * times : misses,
      publishes: rate('publishes'),
    };
  }

  private total(): Simulation['counts'] {
    const sum = (of: (one: Instance) => number): number => this.instances.reduce((all, one) => all + of(one), 0);
    return {
      at: this.agenda.now,
      polls: sum(({ pace }) => pace.polls),
      misses: sum(({ misses }) => misses),
      loads: this.shared.loads,
      publishes: this.writers.publishes,
    };
  }

  private changed(item: number, by: number): void {
    this.shared.changed(item, this.agenda.now);
    this.instances.forEach((instance, at) => {
      instance.changed(item);
      if (at === by) instance.pace.commit();
    });
  }

  /** Of those that are simulated: together they get their part of all reads, and each the same. */
  private planRead(): void {
    const { load, instances, random, agenda } = this;
    const rate = (load.readsPerSecond / load.instances / 1_000) * instances.length;
    agenda.add(agenda.now + waitOf(rate, random()), () => {
      instances[Math.floor(random() * instances.length)]?.read(this.draw(random()));
      this.planRead();
    });
  }
}
