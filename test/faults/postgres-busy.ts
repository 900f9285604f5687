// PostgreSQL that answers late, or not at all: statements that sleep, rows that are locked, deadlocks.
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { atLeast, EXACTLY, type Figure, type Form, holds, none, within } from './row';
import { type Stage, type Timed, until } from './stage';

/** Milliseconds. */
const ACQUIRED_WITHIN = 1_000;
const STATEMENT = 2_000;
const LOCK = 500;
const NEEDS_NO_CONNECTION = 20;
const CANCELLED_WITHIN = 1_000;
/** What sending and refusing take beside the limit itself. */
const GRACE = 300;

const WAVES = { short: 2, full: 6 } as const;
const WAITERS = 12;

/** What an item is renamed to decides what happens to the statement that does it. */
const TRIGGER = `
  CREATE SEQUENCE IF NOT EXISTS deadlocks;
  CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.name = 'slow' THEN PERFORM pg_sleep(1.9); END IF;
    IF NEW.name = 'endless' THEN PERFORM pg_sleep(60); END IF;
    IF NEW.name = 'deadlock' AND nextval('deadlocks') <= 2 THEN
      RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01';
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER trouble BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION trouble()`;

async function asNeighbour<Result>(
  { postgres: { url } }: Stage,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** More wait for a connection than there are, again and again, each of which is busy for as long as a statement may be. */
export async function exhausted(stage: Stage, form: Form): Promise<Figure[]> {
  const { traffic, timed } = stage;
  await asNeighbour(stage, (client) => client.query(TRIGGER));
  const kept = traffic.read(0);
  const { headers } = await timed({ path: kept });
  await timed({ path: kept });
  const served: Timed[] = [];
  const waited: Timed[] = [];
  const wrong: string[] = [];
  for (let wave = 0; wave < WAVES[form.isShort ? 'short' : 'full']; wave++) {
    const waiting = Array.from({ length: WAITERS }, (_, n) =>
      timed(traffic.change(traffic.read(n + 1), { name: 'slow' })),
    );
    await delay(100);
    const unneeding = {
      200: { path: kept },
      304: { path: kept, headers: { 'if-none-match': String(headers['etag']) } },
      400: { path: '/v1/items?limit=nonsense' },
      401: { path: '/v1/users/me', headers: { authorization: 'Bearer nonsense' } },
      404: { path: '/v1/nothing' },
      405: { path: kept, method: 'TRACE' },
    };
    for (const [status, asked] of Object.entries(unneeding)) {
      const answer = await timed(asked);
      served.push(answer);
      if (String(answer.status) !== status) wrong.push(`${answer.status} instead of ${status}`);
    }
    waited.push(...(await Promise.all(waiting)));
  }
  const refused = waited.filter(({ status }) => status === 503);
  const others = waited.filter(({ status }) => status !== 503 && status !== 200).map(({ status }) => status);
  const early = refused.filter(({ ms }) => ms < ACQUIRED_WITHIN - GRACE);
  return [
    atLeast('waiters refused with 503', refused.length, WAITERS / 2),
    none('other answers to waiters', others.length, others.join()),
    none('refused before 1 s', early.length, early.map(({ ms }) => ms.toFixed()).join()),
    within('longest wait of the refused', longest(refused), ACQUIRED_WITHIN + GRACE, form),
    none('without Retry-After', refused.filter(({ headers: { 'retry-after': after } }) => after !== '1').length),
    none('200, 304, 400, 401, 404, 405 amiss', wrong.length, wrong.join()),
    within('longest wait of these', longest(served), NEEDS_NO_CONNECTION, form),
  ];
}

const longest = (answers: readonly Timed[]): number => Math.max(0, ...answers.map(({ ms }) => ms));

export async function slowed(stage: Stage, form: Form): Promise<Figure[]> {
  const { traffic, timed, instance } = stage;
  await asNeighbour(stage, (client) => client.query(TRIGGER));
  const endless = traffic.change(traffic.read(0), { name: 'endless' });
  const tooSlow = await timed(endless);
  const locked = await asNeighbour(stage, async (client) => {
    await client.query('BEGIN');
    await client.query('SELECT FROM items WHERE id = $1 FOR UPDATE', [traffic.read(1).split('/').at(-1)]);
    return timed(traffic.change(traffic.read(1), { name: 'Locked' }));
  });
  const deadlock = await timed(traffic.change(traffic.read(2), { name: 'deadlock' }));
  const cancelledMs = await asNeighbour(stage, async (client) => {
    const isRunning = async (): Promise<boolean> =>
      (await client.query("SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'")).rowCount !== 0;
    const { method, path, headers, body } = endless;
    const gone = request({ host: '127.0.0.1', port: instance.port, method, path, headers }).on(
      'error',
      () => undefined,
    );
    gone.end(body);
    await until(isRunning);
    gone.destroy();
    return until(async () => !(await isRunning()));
  });
  return [
    holds('too slow', String(tooSlow.status), '503', tooSlow.status === 503),
    within('refused after', tooSlow.ms, STATEMENT + GRACE, form),
    holds('locked', String(locked.status), '503', locked.status === 503),
    within('refused after', locked.ms, LOCK + GRACE, form),
    holds('two deadlocks in a row', String(deadlock.status), '200', deadlock.status === 200),
    within('client gone, query cancelled', cancelledMs, CANCELLED_WITHIN, EXACTLY),
  ];
}
