// One instance of a fleet behind a balancer is killed, frozen or replaced under load.
import type { Fleet } from '../support/fleet';
import { Load, type Outcome, type Pace } from '../support/load';
import type { Exit } from '../support/service';
import type { Books, Traffic } from './traffic';

/** Milliseconds after which nobody may wait for a frozen instance any more. */
export const EJECTED_WITHIN = 2_000;

/** Requests between two events, so that each meets connections which are in use. */
const BETWEEN = 60;

export interface Scene {
  readonly fleet: Fleet;
  /** Port of the balancer. */
  readonly port: number;
  readonly traffic: Traffic;
  readonly pace: Pace;
}

export interface Seen {
  readonly outcomes: readonly Outcome[];
  readonly failed: readonly Outcome[];
  readonly books: Books;
}

async function under({ port, traffic, pace }: Scene, story: (load: Load) => Promise<void>): Promise<Seen> {
  const load = new Load(port, pace, traffic.ordinary);
  let failed: Outcome[] = [];
  try {
    await load.more(BETWEEN);
    await story(load);
    await load.more(BETWEEN);
  } finally {
    failed = await load.stop();
  }
  return { outcomes: load.outcomes, failed, books: await traffic.account(load.outcomes) };
}

/** Kills them in turn, each as soon as the one before is back. */
export const killed = (scene: Scene, times: number): Promise<Seen> =>
  under(scene, async (load) => {
    for (let time = 0; time < times; time++) {
      if (time > 0) await load.more(BETWEEN);
      await scene.fleet.replace(time % 3, 'SIGKILL');
    }
  });

/** @returns also those who began to wait after the instance should have been out */
export async function frozen(scene: Scene, ms: number): Promise<Seen & { readonly later: readonly Outcome[] }> {
  let frozenAt = Infinity;
  const seen = await under(scene, async (load) => {
    frozenAt = performance.now();
    scene.fleet.signal(0, 'SIGSTOP');
    try {
      while (performance.now() < frozenAt + ms) await load.more(20);
    } finally {
      scene.fleet.signal(0, 'SIGCONT');
    }
  });
  return { ...seen, later: seen.outcomes.filter(({ startedAt }) => startedAt > frozenAt + EJECTED_WITHIN) };
}

/** Ends and starts all, one after the other. */
export async function replaced(
  scene: Scene,
  rounds: number,
): Promise<Seen & { readonly exits: readonly (Exit & { readonly ms: number })[] }> {
  const exits: (Exit & { ms: number })[] = [];
  const seen = await under(scene, async (load) => {
    for (let at = 0; at < rounds * 3; at++) {
      if (at > 0) await load.more(BETWEEN);
      exits.push(await scene.fleet.replace(at % 3, 'SIGTERM'));
    }
  });
  return { ...seen, exits };
}
