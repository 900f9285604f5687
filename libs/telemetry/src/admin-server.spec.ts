import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import perfHooks from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { startAdminServer, type AdminServer } from './admin-server';
import { Telemetry } from './events';
import { Metrics } from './metrics';

const metrics = new Metrics(new Telemetry());
let server: AdminServer;
let address: string;

beforeEach(async () => {
  server = await startAdminServer({ port: 0, metrics });
  address = `http://127.0.0.1:${server.port}`;
});

afterEach(() => server.close());

test('GET /metrics answers the metrics of the application and of the process', async () => {
  metrics.watchPool(() => ({ total: 2, idle: 2, waiting: 0 }));
  const response = await fetch(`${address}/metrics?from=prometheus`);
  const text = await response.text();
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(text).toContain('database_pool_connections{state="idle"} 2');
  for (const name of [
    'nodejs_eventloop_lag_p99_seconds',
    'nodejs_gc_duration_seconds',
    'nodejs_heap_size_used_bytes',
    'nodejs_active_handles',
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'process_memory_limit_bytes',
  ]) {
    expect(text).toContain(`# TYPE ${name} `);
  }
  const types = text.split('\n').filter((line) => line.startsWith('# TYPE'));
  expect(new Set(types).size).toBe(types.length);
});

test('HEAD has the headers and no body', async () => {
  const response = await fetch(`${address}/metrics`, { method: 'HEAD' });
  expect(response.status).toBe(200);
  expect(Number(response.headers.get('content-length'))).toBeGreaterThan(1000);
  expect(await response.text()).toBe('');
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is refused with what is allowed', async (method) => {
  const response = await fetch(`${address}/metrics`, { method });
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('GET, HEAD');
});

test.each(['/', '/metrics/', '/metricsx', '//metrics'])('%s is not found', async (path) => {
  expect((await fetch(`${address}${path}`)).status).toBe(404);
});

test('metrics that cannot be read are a 500, and the server stays', async () => {
  const text = jest.fn().mockRejectedValueOnce(new Error('broken gauge')).mockResolvedValue('');
  const broken = await startAdminServer({ port: 0, metrics: { contentType: metrics.contentType, text } });
  expect((await fetch(`http://127.0.0.1:${broken.port}/metrics`)).status).toBe(500);
  expect((await fetch(`http://127.0.0.1:${broken.port}/metrics`)).status).toBe(200);
  await broken.close();
});

test('close ends idle and unfinished connections at once, and may be called twice', async () => {
  const idle = connect(server.port, '127.0.0.1').on('error', () => undefined);
  idle.write('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(idle, 'data');
  const unfinished = connect(server.port, '127.0.0.1').on('error', () => undefined);
  await once(unfinished, 'connect');
  unfinished.write('GET /met');
  const ended = Promise.all([idle, unfinished].map((socket) => new Promise((end) => socket.resume().on('close', end))));
  const startedMs = performance.now();
  await server.close();
  await ended;
  expect(performance.now() - startedMs).toBeLessThan(1000);
  await server.close();
});

test('a taken port is refused with one sentence that names the variable', async () => {
  const refusal = startAdminServer({ port: server.port, metrics });
  await expect(refusal).rejects.toThrow(
    `Cannot serve metrics on port ${server.port} of 127.0.0.1 (it is taken): set ADMIN_PORT to a free port, or to off.`,
  );
});

test('an address that the machine does not have is refused with the variable that says it', async () => {
  const refusal = startAdminServer({ port: 0, host: '198.51.100.1', metrics });
  await expect(refusal).rejects.toThrow('(EADDRNOTAVAIL): set ADMIN_HOST to an address of this machine.');
});

test('it listens on its own address alone: the port stays free for the others of the machine', async () => {
  // 127.0.0.2 is an address of the machine on Linux only.
  const probe = createServer().unref();
  probe.listen(0, process.platform === 'linux' ? '127.0.0.2' : '::1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  const beside = await startAdminServer({ port, metrics });
  expect(beside.port).toBe(port);
  await beside.close();
  probe.close();
});

test('many starts leave nothing behind: no server, no timer, no second observer of the process', async () => {
  const observe = jest.spyOn(perfHooks, 'monitorEventLoopDelay');
  const left = () =>
    process.getActiveResourcesInfo().filter((name) => name !== 'TCPSocketWrap' && name !== 'Immediate');
  const before = left();
  for (let start = 0; start < 20; start += 1) {
    const one = await startAdminServer({ port: 0, metrics: new Metrics(new Telemetry()) });
    await one.close();
  }
  // A closed handle leaves the list at the end of its turn.
  for (let turn = 0; turn < 10; turn += 1) await nextTurn();
  expect(left().length).toBeLessThanOrEqual(before.length);
  expect(observe).not.toHaveBeenCalled();
});
