// One run: instances of a build, a catalogue of their own, readers, writers and faults, until it is enough.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { createCatalogue } from './catalogue';
import type { FaultName } from './faults';
import { Random } from './random';
import { type ReaderGroup, startReaders } from './readers';
import { JWT_SECRET, type Servers, startInstances } from './servers';
import { Slot } from './slots';
import { Storm, type Weather } from './storm';
import { Tally } from './tally';
import { Passes, type World } from './world';
import { type WriteRates, Writers } from './writers';

export interface Workload {
  readonly readers: readonly ReaderGroup[];
  readonly writes: WriteRates;
  readonly weather: Weather;
}

export interface RunSettings {
  readonly build: string;
  readonly instances: number;
  readonly stalenessMs: number;
  readonly seed: number;
}

const SLOTS = 16;
const WATCHED_MS = 100;

export class Run {
  private readonly storm: Storm;
  private readonly random: Random;

  private constructor(
    private readonly world: World,
    private readonly settings: RunSettings,
  ) {
    this.random = new Random(settings.seed);
    this.storm = new Storm(new Random(settings.seed + 1));
  }

  static async start(servers: Servers, settings: RunSettings): Promise<Run> {
    await servers.redis.flush();
    const { build, instances: count, stalenessMs } = settings;
    const instances = await startInstances(servers, { count, build, stalenessMs });
    const client = new Client({ connectionString: servers.postgres.url });
    await client.connect();
    const catalogue = await createCatalogue(client);
    const slots = Array.from({ length: SLOTS }, (_, n) => new Slot(`${catalogue.items[n]?.sku}-slot`));
    const passes = await Passes.open(client, JWT_SECRET);
    await client.end();
    const tally = new Tally(stalenessMs, () => '');
    return new Run({ servers, instances, catalogue, slots, passes, tally, isOver: false }, settings);
  }

  /** Works until enough was seen; then everything is mended again. */
  async phase(
    workload: Workload,
    isEnough: (tally: Tally, ms: number) => boolean,
    onTick: (tally: Tally) => void,
  ): Promise<Tally> {
    const { world, random, storm } = this;
    const { admin, accounts } = world.catalogue;
    const tally = new Tally(this.settings.stalenessMs, (at) => storm.recently(at));
    world.tally = tally;
    world.isOver = false;
    const renew = (): Promise<void> => world.passes.renew([admin.id, ...accounts.map(({ id }) => id)]);
    await renew();
    let isCalm = false;
    const faults = storm.rage(world, workload.weather, () => isCalm);
    const work = [...startReaders(world, random, workload.readers), new Writers(world, random).run(workload.writes)];
    let failure: Error | undefined;
    for (const one of [faults, ...work]) one.catch((error: Error) => (failure ??= error));
    const begunAt = performance.now();
    while (!isEnough(tally, performance.now() - begunAt) && failure === undefined) {
      await sleep(WATCHED_MS);
      await renew();
      onTick(tally);
    }
    isCalm = true;
    await faults.catch(() => undefined);
    world.isOver = true;
    await Promise.allSettled(work);
    if (failure !== undefined) throw failure;
    return tally;
  }

  faultCounts(): Map<FaultName, number> {
    return this.storm.counts();
  }

  async stop(): Promise<void> {
    await Promise.all(this.world.instances.map((instance) => instance.stop()));
  }
}
