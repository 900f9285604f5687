// The first command of the README, as a process: what a stranger sees on a bare machine.
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase } from '../support/database';
import { Service } from '../support/service';
import { slowness } from '../support/slowness';

// Open to the user that PostgreSQL runs as, or root's data would be kept elsewhere.
const home = mkdtempSync(join(tmpdir(), 'floodgate-start-'));
chmodSync(home, 0o755);
const DATA_DIR = join(home, 'data');
afterAll(() => rmSync(home, { recursive: true, force: true }));

const get = async (service: Service, path: string) => (await fetch(service.url + path)).json() as Promise<any>; // eslint-disable-line @typescript-eslint/no-explicit-any -- answers of every shape

async function post(service: Service, path: string, body: object, token = ''): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  return fetch(service.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function tokenOf(service: Service, email: string, password: string): Promise<string> {
  const answer = await post(service, '/v1/auth/login', { email, password });
  return ((await answer.json()) as { accessToken: string }).accessToken;
}

const countOf = async (service: Service) =>
  ((await get(service, '/v1/items?limit=1&count=exact')) as { page: { count: { value: number } } }).page.count.value;

describe('the service on an embedded database', () => {
  let service: Service;
  let adminPassword = '';

  afterAll(() => service?.stop('SIGTERM'));

  it('starts with 1,000 items and says where it is and how to log in', async () => {
    service = await Service.start({ DATA_DIR });
    await service.until(/Ctrl-C/);
    expect(service.output).toContain(`${service.url}/docs`);
    expect(service.output).toContain('demo@floodgate.example with the password floodgate-demo');
    adminPassword = /with the password (\S+) \(shown only this once\)/.exec(service.output)?.[1] ?? '';
    expect(adminPassword.length).toBeGreaterThanOrEqual(16);
    expect(await countOf(service)).toBe(1_000);
  });

  it('lets the demo account create an item, and the administrator list accounts', async () => {
    const token = await tokenOf(service, 'demo@floodgate.example', 'floodgate-demo');
    expect((await post(service, '/v1/items', { sku: 'MINE', name: 'Mine' }, token)).status).toBe(201);
    const admin = await tokenOf(service, 'admin@floodgate.example', adminPassword);
    const users = await fetch(`${service.url}/v1/users`, { headers: { authorization: `Bearer ${admin}` } });
    expect(((await users.json()) as { data: unknown[] }).data).toHaveLength(2);
  });

  it('drains on Ctrl-C, exits 0 and takes its database with it', async () => {
    const pidFile = join(DATA_DIR, 'postgres/data/postmaster.pid');
    expect(existsSync(pidFile)).toBe(true);
    expect(await service.stop('SIGINT')).toEqual({ code: 0, signal: null });
    expect(existsSync(pidFile)).toBe(false);
  });

  it('does not wait for connections that ask nothing', async () => {
    service = await Service.start({ DATA_DIR });
    const { port } = new URL(service.url);
    const silent = connect(Number(port), '127.0.0.1').on('error', () => undefined);
    const half = connect(Number(port), '127.0.0.1', () => half.write('GET /v1/items HTTP/1.1\r\nHo')).on(
      'error',
      () => undefined,
    );
    await Promise.all([once(silent, 'connect'), once(half, 'connect')]);
    const asked = fetch(`${service.url}/v1/items?q=lamp&count=exact&limit=100`);
    const startedAt = performance.now();
    expect((await asked).status).toBe(200);
    expect(await service.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('finds its data again, and no longer knows the administrator’s password', async () => {
    service = await Service.start({ DATA_DIR });
    await service.until(/Ctrl-C/);
    expect(await countOf(service)).toBe(1_001);
    expect(service.output).not.toContain(adminPassword);
  });

  it('starts again after kill -9', async () => {
    await service.stop('SIGKILL');
    service = await Service.start({ DATA_DIR });
    expect(await countOf(service)).toBe(1_001);
  });

  it('says in one sentence that its port is taken', async () => {
    const { port } = new URL(service.url);
    const second = Service.spawn({ DATA_DIR, PORT: port });
    expect((await second.exited).code).toBe(1);
    expect(second.output.split('\n').filter((line) => !line.startsWith('{'))).toEqual([
      `Port ${port} is taken: stop the program that uses it, or set PORT to another one.`,
      '',
    ]);
    expect(await countOf(service)).toBe(1_001);
  });

  it('answers its first request within 3 s of a start', async () => {
    // The best of three: what else the machine does is not what is measured.
    const durations: number[] = [];
    while (durations.length < 3) {
      await service.stop('SIGTERM');
      const startedAt = performance.now();
      service = await Service.start({ DATA_DIR });
      await countOf(service);
      durations.push(performance.now() - startedAt);
    }
    expect(Math.min(...durations)).toBeLessThan(3_000 * slowness());
  }, 60_000);
});

describe('a start that cannot succeed', () => {
  const file = join(home, 'a-file');
  writeFileSync(file, '');

  it.each([
    ['an unusable folder', { DATA_DIR: join(file, 'data') }, /^DATA_DIR .*\n$/],
    ['a malformed variable', { DATA_DIR, PORT: 'canary-42' }, /^PORT must be a whole number from 0 to 65535.*\n$/],
    ['a missing secret', { DATABASE_URL: 'postgres://u:canary-42@127.0.0.1/x' }, /^JWT_SECRET .*\n$/],
  ])('says in one sentence what to do: %s', async (_, environment, sentence) => {
    const service = Service.spawn(environment);
    expect((await service.exited).code).toBe(1);
    expect(service.output).toMatch(sentence);
    expect(service.output).not.toContain('canary-42');
  });
});

describe('a given database', () => {
  const JWT_SECRET = 'a secret that is used in tests only, 32 bytes or more';

  it('stays up while it is absent: alive, but not ready', async () => {
    const port = await freePort();
    const service = await Service.start({ DATABASE_URL: `postgres://u:p@127.0.0.1:${port}/x`, JWT_SECRET });
    const [live, ready, items] = await Promise.all(
      ['/health/live', '/health/ready', '/v1/items'].map((path) => fetch(service.url + path)),
    );
    expect([live?.status, ready?.status, items?.status]).toEqual([200, 503, 503]);
    expect(items?.headers.get('retry-after')).toBe('1');
    expect(await service.stop()).toEqual({ code: 0, signal: null });
  });

  it('is refused while it lacks a migration, with the command that helps; with MIGRATE=true it serves, without demo items', async () => {
    const { url: DATABASE_URL, drop } = await createDatabase('empty');
    const refused = Service.spawn({ DATABASE_URL, JWT_SECRET });
    expect((await refused.exited).code).toBe(1);
    expect(refused.output).toMatch(
      /^The database lacks \d+ migration\(s\).*`npm run migrate` or set MIGRATE=true\.\n$/,
    );

    const service = await Service.start({ DATABASE_URL, JWT_SECRET, MIGRATE: 'true' });
    expect(await countOf(service)).toBe(0);
    expect(service.output).not.toContain('demo@');
    await service.stop();
    await drop();
  });

  it('is refused when it does not know the password', async () => {
    const { url, drop } = await createDatabase();
    const wrong = new URL(url);
    wrong.password = 'canary-42';
    const service = Service.spawn({ DATABASE_URL: wrong.href, JWT_SECRET });
    expect((await service.exited).code).toBe(1);
    expect(service.output).toMatch(/^The database refuses this program: .* Check DATABASE_URL\.\n$/);
    expect(service.output).not.toContain('canary-42');
    await drop();
  });

  async function freePort(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
});
