// Rows about instances behind a balancer.
import { Fleet } from '../support/fleet';
import { findProgram } from '../support/programs';
import { type Proxy, startHaproxy, startNginx, type StartProxy } from '../support/proxies';
import { EJECTED_WITHIN, frozen, killed, replaced, type Scene, type Seen } from './instances';
import { atLeast, EXACTLY, type Figure, type Form, none, type Row, within } from './row';
import { classesOf, Traffic } from './traffic';

const EXITS_WITHIN = 15_000;
const FROZEN_FOR = 10_000;
/** An access token ends after ten minutes: before that the next traffic has another account. */
const KILLS_OF_ONE_ACCOUNT = 25;

const PROGRAMS = { nginx: startNginx, haproxy: startHaproxy } as const satisfies Record<string, StartProxy>;

type Balancer = keyof typeof PROGRAMS;

async function behind(
  balancer: Balancer,
  { perSecond }: Form,
  story: (scene: (prefix: string) => Promise<Scene>) => Promise<Figure[]>,
): Promise<Figure[]> {
  const fleet = await Fleet.start();
  let proxy: Proxy | undefined;
  try {
    const { port } = (proxy = await PROGRAMS[balancer](findProgram(balancer) as string, fleet.ports));
    return await story(async (prefix) => ({
      ...{ fleet, port, pace: { perSecond } },
      traffic: await Traffic.prepare(fleet.api, prefix),
    }));
  } finally {
    await proxy?.stop();
    await fleet.stop();
  }
}

function unnoticed(seen: readonly Seen[]): Figure[] {
  const failed = seen.flatMap((one) => one.failed);
  const sum = (of: (one: Seen) => number): number => seen.reduce((total, one) => total + of(one), 0);
  return [
    none('failed requests', failed.length, classesOf(failed)),
    none(
      'acknowledged writes lost',
      sum(({ books }) => books.lost),
    ),
    atLeast(
      'requests',
      sum(({ outcomes }) => outcomes.length),
      100,
    ),
    atLeast(
      'writes under keys',
      sum(({ books }) => books.made),
      20,
    ),
  ];
}

const slowest = (ms: readonly number[]): number => Math.max(0, ...ms);

const rolling = (balancer: Balancer): Row => ({
  name: `rolling-${balancer}`,
  fault: `SIGTERM, rolling, behind ${balancer}`,
  programs: [balancer],
  run: (form) =>
    behind(balancer, form, async (scene) => {
      const seen = [];
      const exits = [];
      for (let round = 0; round < form.rounds; round++) {
        const one = await replaced(await scene(`R${round}`), 1);
        seen.push(one);
        exits.push(...one.exits);
      }
      const bad = exits.filter(({ code }) => code !== 0);
      return [
        ...unnoticed(seen),
        none('exits other than 0', bad.length, bad),
        within('slowest exit', slowest(exits.map(({ ms }) => ms)), EXITS_WITHIN, EXACTLY),
      ];
    }),
});

export const OF_INSTANCES: readonly Row[] = [
  {
    name: 'kill-haproxy',
    fault: 'SIGKILL of an instance behind haproxy',
    programs: ['haproxy'],
    run: (form) =>
      behind('haproxy', form, async (scene) => {
        const seen = [];
        for (let left = form.kills; left > 0; left -= KILLS_OF_ONE_ACCOUNT)
          seen.push(await killed(await scene(`K${left}`), Math.min(left, KILLS_OF_ONE_ACCOUNT)));
        return [...unnoticed(seen), atLeast('kills', form.kills, form.kills)];
      }),
  },
  rolling('nginx'),
  rolling('haproxy'),
  {
    name: 'freeze-haproxy',
    fault: 'SIGSTOP of one instance behind haproxy for 10 s',
    programs: ['haproxy'],
    run: (form) =>
      behind('haproxy', form, async (scene) => {
        const seen = await frozen(await scene('Z'), FROZEN_FOR);
        const waited = slowest(seen.later.map(({ ms }) => ms));
        return [
          ...unnoticed([seen]),
          within(`longest wait after ${EJECTED_WITHIN / 1_000} s`, waited, EJECTED_WITHIN, EXACTLY),
        ];
      }),
  },
];
