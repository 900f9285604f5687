// Workers of one supervisor that share what PostgreSQL allows: who has no share takes no part of the traffic.
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { TestApi } from '../support/api';
import { freePort } from '../support/redis';
import { Service } from '../support/service';

jest.setTimeout(180_000);

const JWT_SECRET = 'a secret that is used in tests only, 32 bytes or more';
const TOTAL = '24';

let behind: TestApi;
let onlooker: Client;
let service: Service;

beforeAll(async () => {
  behind = await TestApi.start({ jwtSecret: JWT_SECRET });
  onlooker = new Client({ connectionString: behind.databaseUrl });
  await onlooker.connect();
});
afterEach(() => service.stop('SIGKILL'));
afterAll(async () => {
  await onlooker?.end();
  await behind?.close();
});

/** Others have so many, until the returned call. */
async function occupy(held: number): Promise<() => Promise<unknown>> {
  await onlooker.query('DELETE FROM instances');
  await onlooker.query(`INSERT INTO instances VALUES (gen_random_uuid(), $1, now() + interval '1 hour')`, [held]);
  return () => onlooker.query(`DELETE FROM instances WHERE seen_at > now() + interval '1 minute'`);
}

const spawn = (environment: NodeJS.ProcessEnv): Service =>
  (service = Service.spawn({
    DATABASE_URL: behind.databaseUrl,
    JWT_SECRET,
    WORKERS: '2',
    DATABASE_POOL_TOTAL: TOTAL,
    ...environment,
  }));

/** Each connection may be given to another worker. */
async function statuses(path: string): Promise<number[]> {
  const asked = new Set<number>();
  for (let n = 0; n < 8; n++)
    asked.add((await fetch(`${service.url}${path}`, { headers: { connection: 'close' } })).status);
  return [...asked];
}

/** Of the processes that have said so. */
const pidsOf = (said: string): number[] => {
  const lines = service.output.matchAll(new RegExp(`"pid":(\\d+)[^\\n]*${said}`, 'g'));
  return [...new Set([...lines].map(([, pid]) => Number(pid)))];
};

it('one without a share does not listen until it has one', async () => {
  const leave = await occupy(20);
  const adminPort = await freePort();
  spawn({ ADMIN_PORT: String(adminPort) });
  await service.until(/"app\.listening"[^]*has no room for one more/);
  expect(await statuses('/health/ready')).toEqual([200]);
  expect(await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text()).toMatch(/^workers_serving 1$/m);
  await leave();
  await service.until(/("app\.listening"[^]*){2}/);
  expect(await statuses('/health/ready')).toEqual([200]);
});

it('one listens in any case: where there is room for none, and where all who had a share have fallen', async () => {
  const leave = await occupy(22);
  // While nobody listens, a free one would be another each time.
  spawn({ PORT: String(await freePort()) });
  await service.until(/"app\.listening"/);
  expect(await statuses('/health/live')).toEqual([200]);
  // For the moment in which it asks for room it has a connection, and is ready.
  while (!(await statuses('/health/ready')).includes(503));
  while (pidsOf('has no room for one more').length < 2) await delay(20);
  expect(pidsOf('"app.listening"')).toHaveLength(1);
  process.kill(pidsOf('"app.listening"')[0] as number, 'SIGKILL');
  while (pidsOf('"app.listening"').length < 2) await delay(20);
  expect(await statuses('/health/live')).toEqual([200]);
  await leave();
  while (String(await statuses('/health/ready')) !== '200');
});

it('all listen while the database is away', async () => {
  spawn({ DATABASE_URL: `postgres://u:p@127.0.0.1:${await freePort()}/x` });
  await service.until(/("app\.listening"[^]*){2}/);
  expect(await statuses('/health/live')).toEqual([200]);
  expect(await statuses('/health/ready')).toEqual([503]);
});

it('more than could ever have a share are refused at the start with one line', async () => {
  spawn({ WORKERS: '7' });
  expect((await service.exited).code).toBe(1);
  expect(service.output).toBe(
    'DATABASE_POOL_TOTAL is too small for WORKERS: they need 25. Raise it, or lower WORKERS.\n',
  );
});
