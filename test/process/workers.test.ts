// Several processes on one port: what a supervisor starts, restarts, passes on, and when it gives up.
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestApi } from '../support/api';
import { freePort } from '../support/redis';
import { Service } from '../support/service';

jest.setTimeout(120_000);

const JWT_SECRET = 'a secret that is used in tests only, 32 bytes or more';

let behind: TestApi;
let service: Service;

beforeAll(async () => {
  behind = await TestApi.start({ jwtSecret: JWT_SECRET });
});
afterAll(async () => {
  service?.child.kill('SIGKILL');
  await behind?.close();
});

const count = (pattern: RegExp): number => service.output.match(pattern)?.length ?? 0;

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Those that have said that they listen, by their process ids; the last ones. */
const pids = (): number[] =>
  [...service.output.matchAll(/"pid":(\d+)[^\n]*"app\.listening"/g)].map(([, pid]) => Number(pid));

describe('WORKERS=2', () => {
  // prom-client rounds to whole seconds.
  const begunAt = Date.now() / 1_000 - 1;
  let adminPort: number;
  const ANSWERED = 'http_request_duration_seconds_count\\{[^}]*route="/health/live"[^}]*\\}';
  const metrics = async () => (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  const valueOf = (text: string, name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);

  beforeAll(async () => {
    adminPort = await freePort();
    service = await Service.start({
      DATABASE_URL: behind.databaseUrl,
      JWT_SECRET,
      WORKERS: '2',
      ADMIN_PORT: String(adminPort),
    });
    await until(() => count(/"app\.listening"/g) === 2);
  });

  it('serves from two processes on one port', async () => {
    expect(new Set(pids()).size).toBe(2);
    expect(new Set(service.output.match(/http:\/\/127[^"]+/g)).size).toBe(1);
    expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
  });

  it('adds up at the one admin port what they have counted', async () => {
    // Each connection may be given to another worker.
    for (let n = 0; n < 8; n++) await fetch(`${service.url}/health/live`, { headers: { connection: 'close' } });
    const text = await metrics();
    expect(valueOf(text, ANSWERED)).toBe(8);
    expect(valueOf(text, 'process_start_time_seconds')).toBeGreaterThan(begunAt);
    expect(valueOf(text, 'workers_serving')).toBe(2);
    const types = text.split('\n').filter((line) => line.startsWith('# TYPE'));
    expect(new Set(types).size).toBe(types.length);
  });

  it('restarts one that was killed, while the other serves', async () => {
    process.kill(pids()[0]!, 'SIGKILL');
    await service.until(/"process\.fell"/);
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
    await until(() => count(/"app\.listening"/g) === 3);
    const text = await metrics();
    expect([valueOf(text, 'workers_serving'), valueOf(text, 'worker_restarts_total')]).toEqual([2, 1]);
    expect(service.output).toMatch(/"reason":"SIGKILL"/);
    // Whoever watches would take less for a beginning from 0.
    expect(valueOf(text, ANSWERED)).toBeGreaterThanOrEqual(8);
  });

  it('passes the signal on, and exits 0 once all have drained', async () => {
    const serving = pids().slice(-2);
    expect(await service.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(count(/"app\.draining"/g)).toBe(2);
    expect(count(/"app\.stopped"/g)).toBe(2);
    for (const pid of serving) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});

it('ends with the workers’ one line and their exit code when the first cannot start', async () => {
  const service = Service.spawn({
    DATABASE_URL: 'postgres://u:p@127.0.0.1/x',
    JWT_SECRET,
    WORKERS: '2',
    HOST: '198.51.100.1',
  });
  expect((await service.exited).code).toBe(1);
  const lines = service.output.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  expect(lines).toEqual(['The service cannot listen (EADDRNOTAVAIL): check HOST and PORT.']);
});

it('starts the embedded database once, and takes it away at the end', async () => {
  const home = mkdtempSync(join(tmpdir(), 'floodgate-workers-'));
  chmodSync(home, 0o755);
  const DATA_DIR = join(home, 'data');
  service = await Service.start({ DATA_DIR, WORKERS: '2', SEED_ITEMS: '3' });
  await until(() => count(/"app\.listening"/g) === 2);
  expect(count(/Floodgate is running/g)).toBe(1);
  const pidFile = join(DATA_DIR, 'postgres/data/postmaster.pid');
  expect(existsSync(pidFile)).toBe(true);
  expect(await service.stop('SIGINT')).toEqual({ code: 0, signal: null });
  expect(existsSync(pidFile)).toBe(false);
  rmSync(home, { recursive: true, force: true });
});
