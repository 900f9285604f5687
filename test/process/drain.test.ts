// A service that is told to end: not ready, then closed, then gone; nobody who asked is left without an answer.
import { Raw } from '../support/raw';
import { TestApi } from '../support/api';
import { Service } from '../support/service';

const JWT_SECRET = 'a secret that is used in tests only, 32 bytes or more';
/** Milliseconds. */
const DELAY = 2_000;
const MAX_DRAIN = 15_000;

let behind: TestApi;
let path: string;
let service: Service;

beforeAll(async () => {
  behind = await TestApi.start({ jwtSecret: JWT_SECRET });
  const as = await behind.createAccount();
  path = `/v1/items/${(await behind.request('POST', '/v1/items', { as, body: { sku: 'LAMP', name: 'Lamp' } })).body.id}`;
});
afterAll(async () => {
  service?.child.kill('SIGKILL');
  await behind?.close();
});

const start = async (): Promise<number> => {
  service = await Service.start({ DATABASE_URL: behind.databaseUrl, JWT_SECRET, DRAIN_DELAY_MS: String(DELAY) });
  return Number(new URL(service.url).port);
};

const asked = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`;

/** Opened, and answered once: from now on it is kept alive. */
async function keptAlive(port: number): Promise<Raw> {
  const raw = await Raw.open(port);
  await raw.send(asked(path));
  const [first] = await raw.until(1);
  expect([first?.status, first?.headers['connection']]).toEqual([200, 'keep-alive']);
  return raw;
}

async function last(raw: Raw, target: string): Promise<[number | undefined, string | undefined]> {
  const before = raw.answers.length;
  await raw.send(asked(target));
  const answer = (await raw.until(before + 1)).at(before);
  await raw.closed;
  return [answer?.status, answer?.headers['connection']];
}

describe('after SIGTERM', () => {
  let toldAt: number;
  let port: number;
  let waiting: Raw[];
  let uploading: Raw;
  let silent: Raw;

  beforeAll(async () => {
    port = await start();
    waiting = [await keptAlive(port), await keptAlive(port), await keptAlive(port), await keptAlive(port)];
    silent = await Raw.open(port);
    uploading = await Raw.open(port);
    const head =
      'POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n';
    await uploading.send(`${head}{`);
    toldAt = performance.now();
    service.child.kill('SIGTERM');
    await service.until(/"app\.draining"/);
  });

  it('it is not ready, on a connection that was there before', async () => {
    expect(await last(waiting[0]!, '/health/ready')).toEqual([503, 'close']);
    expect(waiting[0]?.answers.at(-1)?.body).toContain('"draining"');
  });

  it('it still answers from its cache, and from its database, each time with the end of the connection', async () => {
    expect(await last(waiting[1]!, path)).toEqual([200, 'close']);
    expect(waiting[1]?.answers.at(-1)?.headers['cache-status']).toBe('floodgate; hit');
    expect(await last(waiting[2]!, '/v1/items?limit=3')).toEqual([200, 'close']);
  });

  it('what the router cannot read is the last on its connection, too', async () => {
    expect(await last(waiting[3]!, '/v1/items/%zz')).toEqual([400, 'close']);
  });

  it('it still takes connections, for as long as balancers may need', async () => {
    expect(await last(await Raw.open(port), path)).toEqual([200, 'close']);
    expect(performance.now() - toldAt).toBeLessThan(DELAY);
  });

  it('then it closes those that ask nothing, and lets end who has begun', async () => {
    await silent.closed;
    expect(performance.now() - toldAt).toBeGreaterThan(DELAY - 100);
    expect(uploading.isClosed).toBe(false);
    await uploading.send('}');
    expect((await uploading.until(1))[0]?.status).toBe(422);
  });

  it('and exits 0', async () => {
    expect(await service.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - toldAt).toBeLessThan(DELAY + 5_000);
  });
});

it('cuts off who does not end, whatever signals follow, and exits 0 within 15 s', async () => {
  const port = await start();
  const endless = await Raw.open(port);
  const head = 'POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n';
  const toldAt = performance.now();
  service.child.kill('SIGHUP');
  await service.until(/"app\.draining"/);
  await endless.send(`${head}{`);
  service.child.kill('SIGTERM');
  service.child.kill('SIGINT');
  expect(await service.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - toldAt).toBeLessThan(MAX_DRAIN);
  expect(service.output.match(/"app\.draining"/g)).toHaveLength(1);
});
