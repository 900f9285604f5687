// Instances that share what PostgreSQL allows: together they never open more, whoever comes and goes.
import { Client } from 'pg';
import { TestApi } from '../support/api';
import { Service } from '../support/service';

jest.setTimeout(180_000);

const JWT_SECRET = 'a secret that is used in tests only, 32 bytes or more';
const TOTAL = 24;

let behind: TestApi;
let onlooker: Client;
const services: Service[] = [];

beforeAll(async () => {
  behind = await TestApi.start({ jwtSecret: JWT_SECRET });
  onlooker = new Client({ connectionString: behind.databaseUrl });
  await onlooker.connect();
});
afterAll(async () => {
  for (const service of services) service.child.kill('SIGKILL');
  await onlooker?.end();
  await behind?.close();
});

const start = async (): Promise<Service> => {
  const service = await Service.start({
    DATABASE_URL: behind.databaseUrl,
    JWT_SECRET,
    DATABASE_POOL_TOTAL: String(TOTAL),
  });
  services.push(service);
  return service;
};

const held = async (): Promise<number[]> =>
  (await onlooker.query<{ held: number }>('SELECT held FROM instances ORDER BY held DESC')).rows.map((row) => row.held);

/** Waits, and sees to it that they never have more together. */
async function until(shares: readonly number[]): Promise<void> {
  for (;;) {
    const now = await held();
    expect(now.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(TOTAL);
    if (JSON.stringify(now) === JSON.stringify(shares)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** As many slow reads as anyone could want connections for; resolves with how many were ever open. */
async function pressure(): Promise<number> {
  const { rows } = await onlooker.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const asked = services.flatMap(({ url }) =>
    Array.from({ length: 40 }, (_, n) =>
      fetch(`${url}/v1/items?count=exact&q=lamp&priceMax=${n}`).then((one) => one.text()),
    ),
  );
  let isOver = false;
  void Promise.allSettled(asked).then(() => (isOver = true));
  let most = 0;
  while (!isOver) {
    const seen = await onlooker.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'floodgate' AND pid <> $1`,
      [rows[0]?.pid],
    );
    most = Math.max(most, seen.rows[0]?.count ?? 0);
  }
  return most;
}

it('the first has what it has a use for, the others their share, and room is kept for the next', async () => {
  await behind.app.close();
  await start();
  await until([15]);
  await start();
  await until([10, 10]);
  await start();
  await until([6, 6, 6]);
});

it('under load they open no more than they may', async () => {
  expect(await pressure()).toBeLessThanOrEqual(18);
});

it('a share that is given back goes to those who stay', async () => {
  expect(await services.pop()?.stop()).toEqual({ code: 0, signal: null });
  await until([10, 10]);
});

it('so does, after a while, that of one that was killed', async () => {
  await services.pop()?.stop('SIGKILL');
  await until([15]);
});

it('one for which there is no room waits until there is', async () => {
  await onlooker.query(`INSERT INTO instances VALUES (gen_random_uuid(), 20, now() + interval '1 hour')`);
  const late = await start();
  const ready = async () => (await fetch(`${late.url}/health/ready`)).status;
  expect(await ready()).toBe(503);
  expect(late.output).toContain('DATABASE_POOL_TOTAL (24) has no room for one more');
  await onlooker.query(`DELETE FROM instances WHERE held = 20`);
  while ((await ready()) !== 200) await new Promise((resolve) => setTimeout(resolve, 50));
});
