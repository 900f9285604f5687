// Rows about PostgreSQL: what may be old is shown openly, all else is refused at once, and nothing acknowledged is lost.
import { setTimeout as delay } from 'node:timers/promises';
import { JWT_SECRET } from '../coherence/servers';
import { createDatabase } from '../support/database';
import type { Outcome } from '../support/load';
import { Service } from '../support/service';
import { failOver } from './failover';
import { exhausted, slowed } from './postgres-busy';
import { atLeast, EXACTLY, type Figure, type Form, holds, none, type Row, within } from './row';
import { onStage, quantile, type Stage, underLoad, until } from './stage';
import { classesOf } from './traffic';

/** Milliseconds. */
const SERVES_WITHIN = 2_000;
const REFUSED_WITHIN = 100;
const NOBODY_WAITS_FOR = 2_000;
const NORMAL_WITHIN = 1_000;
const PROMOTED_WITHIN = 10_000;
const SECOND = 1_000;

const programs = ['redis-server'];

const isExpected = ({ result }: Outcome): boolean => [200, 201, 503].includes(result as number);

/** Ends, with one line that is no log. */
async function refusal(environment: NodeJS.ProcessEnv): Promise<Figure> {
  const service = Service.spawn({ JWT_SECRET, ...environment });
  const { code } = await service.exited;
  const lines = service.output.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  return holds(
    'exit and lines',
    `${code}, ${lines.length}: ${lines[0]}`,
    '1, 1 line',
    code === 1 && lines.length === 1,
  );
}

async function absentAtBoot({ postgres }: Stage, form: Form): Promise<Figure[]> {
  const restart = await postgres.crash();
  const service = await Service.start({ DATABASE_URL: postgres.url, JWT_SECRET });
  try {
    const status = async (path: string): Promise<number> => (await fetch(service.url + path)).status;
    const [live, ready] = [await status('/health/live'), await status('/health/ready')];
    await restart();
    const servesMs = await until(async () => (await status('/v1/items?limit=1')) === 200);
    const empty = await createDatabase('empty');
    const wrong = new URL(postgres.url);
    wrong.password = 'wrong';
    const refusals = [await refusal({ DATABASE_URL: wrong.href }), await refusal({ DATABASE_URL: empty.url })];
    await empty.drop();
    return [
      holds('live, ready', `${live}, ${ready}`, '200, 503', live === 200 && ready === 503),
      within('serves after it came', servesMs, SERVES_WITHIN, form),
      ...refusals,
    ];
  } finally {
    await service.stop();
  }
}

async function killed(stage: Stage, form: Form): Promise<Figure[]> {
  const { postgres, traffic, timed } = stage;
  let killedAt = Infinity;
  const { outcomes, told } = await underLoad(stage, form, async () => {
    await delay(form.isShort ? 2 * SECOND : 5 * SECOND);
    killedAt = performance.now();
    const restart = await postgres.crash();
    await delay(SECOND);
    const refused = await timed(traffic.creation());
    await delay(form.isShort ? 2 * SECOND : 10 * SECOND);
    await restart();
    const goneMs = performance.now() - killedAt;
    const isNormal = async (): Promise<boolean> =>
      (await timed(traffic.creation())).status === 201 &&
      (await timed({ path: traffic.read(1) })).headers['cache-status'] === 'floodgate; hit';
    const normalMs = await until(isNormal);
    await delay(SECOND);
    return { refused, goneMs, normalMs };
  });
  const { refused, goneMs, normalMs } = told;
  const gone = outcomes.filter(({ startedAt }) => startedAt > killedAt && startedAt < killedAt + goneMs);
  const kept = gone.filter(({ path }) => traffic.paths.includes(path));
  const others = outcomes.filter((one) => !isExpected(one));
  const unkept = kept.filter(({ result }) => result !== 200);
  // Those of the first half second may have been sent before anybody could know.
  const refusals = gone.filter(({ result, startedAt }) => result === 503 && startedAt > killedAt + SECOND / 2);
  const { lost, made } = await traffic.account(outcomes);
  return [
    none('answers other than 200, 201, 503', others.length, classesOf(others)),
    none('kept reads that failed', unkept.length, classesOf(unkept)),
    atLeast('kept reads meanwhile', kept.length, 20),
    holds('Retry-After', String(refused.headers['retry-after']), '1', refused.headers['retry-after'] === '1'),
    within('p99 of refusals', quantile(refusals, 0.99), REFUSED_WITHIN, form),
    within('longest wait', quantile(outcomes, 1), NOBODY_WAITS_FOR, form),
    none('acknowledged writes lost', lost),
    atLeast('acknowledged writes', made, 10),
    within('normal after its return', normalMs, NORMAL_WITHIN, form),
  ];
}

async function failover(form: Form): Promise<Figure[]> {
  const { outcomes, books, writesMs, readsMs, isDropped } = await failOver(form.perSecond);
  const others = outcomes.filter((one) => !isExpected(one));
  return [
    none('acknowledged writes lost', books.lost),
    atLeast('acknowledged writes', books.made, 20),
    none('answers other than 200, 201, 503', others.length, classesOf(others)),
    holds('kept from before', isDropped ? 'dropped' : 'shown', 'dropped', isDropped),
    within('writes are back', writesMs, PROMOTED_WITHIN, EXACTLY),
    within('reads are kept again', readsMs, PROMOTED_WITHIN, EXACTLY),
  ];
}

export const OF_POSTGRES: readonly Row[] = [
  {
    name: 'postgres-absent',
    fault: 'PostgreSQL absent at boot',
    programs,
    run: (form) => onStage((stage) => absentAtBoot(stage, form)),
  },
  {
    name: 'postgres-killed',
    fault: 'PostgreSQL killed under load',
    programs,
    run: (form) => onStage((stage) => killed(stage, form)),
  },
  { name: 'postgres-failover', fault: 'primary killed under load, standby promoted', run: failover },
  {
    name: 'pool-exhausted',
    fault: 'every connection of the pool in use',
    programs,
    run: (form) => onStage((stage) => exhausted(stage, form), { DATABASE_POOL: '2', DATABASE_LANES: '1' }),
  },
  {
    name: 'slow-query',
    fault: 'slow query, lock, deadlock, client gone',
    programs,
    run: (form) => onStage((stage) => slowed(stage, form)),
  },
];
