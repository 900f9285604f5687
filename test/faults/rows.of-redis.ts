// Rows about Redis: whatever becomes of it is nobody's error, and hardly anybody's wait.
import { setTimeout as delay } from 'node:timers/promises';
import { isFailed } from '../support/load';
import { atLeast, EXACTLY, type Figure, type Form, holds, none, type Row, within } from './row';
import { onStage, quantile, type Stage, underLoad, until } from './stage';
import { classesOf } from './traffic';

/** Milliseconds. */
const MORE_THAN_USUAL = 60;
const BACK_WITHIN = 2_000;
const SECOND = 1_000;
const BETWEEN_WARNINGS = 10_000;

interface Fault {
  readonly begin: (stage: Stage) => unknown;
  readonly end: (stage: Stage) => unknown;
  /** Readiness says so; otherwise it is no more than an empty cache. */
  readonly isNoticed: boolean;
}

async function lost(stage: Stage, form: Form, { begin, end, isNoticed }: Fault): Promise<Figure[]> {
  const calmMs = form.isShort ? 2 * SECOND : 10 * SECOND;
  const lastsMs = form.isShort ? 2 * SECOND : 10 * SECOND;
  let begunAt = Infinity;
  const { outcomes, told } = await underLoad(stage, form, async () => {
    await delay(calmMs);
    begunAt = performance.now();
    await begin(stage);
    const noticedMs = isNoticed ? await until(async () => (await stage.ready()).redis === 'degraded') : 0;
    const { status } = await stage.ready();
    await delay(Math.max(0, begunAt + lastsMs - performance.now()));
    await end(stage);
    const backMs = await until(async () => (await stage.ready()).redis === 'ok');
    await delay(SECOND);
    return { noticedMs, status, backMs };
  });
  const failed = outcomes.filter(isFailed);
  // What is asked first is slower by itself.
  const calm = outcomes.slice(form.perSecond).filter(({ startedAt }) => startedAt < begunAt);
  const usual = quantile(calm, 0.99);
  const first = outcomes.filter(({ startedAt }) => startedAt >= begunAt && startedAt < begunAt + SECOND);
  return [
    none('failed requests', failed.length, classesOf(failed)),
    within('p99 of the first second', quantile(first, 0.99), usual + MORE_THAN_USUAL * form.patience, EXACTLY),
    holds('readiness meanwhile', String(told.status), '200', told.status === 200),
    ...(isNoticed ? [within('called degraded', told.noticedMs, BACK_WITHIN, form)] : []),
    within('used again', told.backMs, BACK_WITHIN, form),
    atLeast('requests', outcomes.length, 100),
  ];
}

const FAULTS: Readonly<Record<string, Fault>> = {
  killed: { begin: ({ redis }) => redis.kill(), end: ({ redis }) => redis.restart(), isNoticed: true },
  frozen: { begin: ({ redis }) => redis.freeze(), end: ({ redis }) => redis.thaw(), isNoticed: true },
  slow: {
    begin: ({ instance }) => instance.redis.delayMs(200),
    end: ({ instance }) => instance.redis.heal(),
    isNoticed: true,
  },
  flushed: { begin: ({ redis }) => redis.flush(), end: () => undefined, isNoticed: false },
  full: {
    begin: ({ redis }) => redis.send('CONFIG', 'SET', 'maxmemory', '1'),
    end: ({ redis }) => redis.send('CONFIG', 'SET', 'maxmemory', '0'),
    isNoticed: false,
  },
  garbage: {
    begin: ({ instance }) => instance.redis.garble(),
    end: ({ instance }) => instance.redis.heal(),
    isNoticed: true,
  },
};

const programs = ['redis-server'];

async function absentAtBoot(stage: Stage, form: Form): Promise<Figure[]> {
  const { redis, instance, ready } = stage;
  await redis.kill();
  await instance.kill();
  const before = instance.output.length;
  const startedAt = performance.now();
  await instance.run();
  const absent = await ready();
  await delay(form.isShort ? 3 * SECOND : 1.5 * BETWEEN_WARNINGS);
  const warnings = instance.output.slice(before).match(/"redis\.lost"/g)?.length ?? 0;
  const most = Math.ceil((performance.now() - startedAt) / BETWEEN_WARNINGS);
  await redis.restart();
  return [
    holds(
      'readiness',
      `${absent.status}, ${absent.redis}`,
      '200, degraded',
      absent.status === 200 && absent.redis === 'degraded',
    ),
    holds('warnings', String(warnings), `1 to ${most}`, warnings >= 1 && warnings <= most),
    within('used', await until(async () => (await ready()).redis === 'ok'), BACK_WITHIN, form),
  ];
}

export const OF_REDIS: readonly Row[] = [
  {
    name: 'redis-absent',
    fault: 'Redis absent at boot',
    programs,
    run: (form) => onStage((stage) => absentAtBoot(stage, form)),
  },
  ...Object.entries(FAULTS).map(([name, fault]): Row => ({
    name: `redis-${name}`,
    fault: `Redis ${name === 'garbage' ? 'answers garbage' : name}${name === 'slow' ? ' by 200 ms' : ''}`,
    programs,
    run: (form) => onStage((stage) => lost(stage, form, fault)),
  })),
];
