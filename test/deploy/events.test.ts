// The events of a job as clients get them: through each balancer, cut off and resumed on another instance, and left.
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Telemetry } from '@app/telemetry';
import type { INestApplicationContext } from '@nestjs/common';
import { type Account, TestApi } from '../support/api';
import { ask } from '../support/load';
import { describeWith } from '../support/programs';
import { PROXIES, type Proxy } from '../support/proxies';
import { publishes, Supplier } from '../support/supplier';
import { startWorker } from '../support/worker';

/** An instance looks four times a second how far the jobs are that somebody follows. */
const LOOKS_MS = 1_000;

let instances: TestApi[];
let ports: number[];
let admin: Account;
let worker: INestApplicationContext;
let supplier: Supplier;
let serial = 0;
/** Lets the feeds end that are open. */
let go: (() => void)[] = [];

beforeAll(async () => {
  const first = await TestApi.start();
  instances = [first, await first.join()];
  for (const { app } of instances) await app.listen(0, '127.0.0.1');
  ports = instances.map(({ app }) => (app.getHttpServer().address() as AddressInfo).port);
  admin = await first.createAccount({ role: 'admin' });
  supplier = await Supplier.start();
  worker = await startWorker(first.databaseUrl);
});
afterAll(async () => {
  go.forEach((end) => end());
  await worker.close();
  await supplier.stop();
  for (const one of instances.reverse()) await one.close();
});

const item = (): string => `${JSON.stringify({ sku: `E-${serial}`, name: 'Event' })}\n`;

/** A job of a feed that ends at once, if wanted, and one that ends when it is let. */
async function startJob(isOneOver: boolean): Promise<string> {
  const [api] = instances as [TestApi, TestApi];
  const rows = item();
  const open = supplier.at(`/open-${serial}`, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders();
    go.push(() => response.end(rows));
  });
  const urls = [open, ...(isOneOver ? [supplier.at(`/over-${serial}`, publishes(item()))] : [])];
  const feedIds: string[] = [];
  for (const url of urls) {
    const body = { name: `Feed ${serial++}`, url, format: 'ndjson' };
    feedIds.push((await api.request('POST', '/v1/feeds', { as: admin, body })).body.id);
  }
  return (await api.request('POST', '/v1/feeds/refresh', { as: admin, body: { feedIds } })).body.id;
}

/** Ends all feeds that are open, also those whose request is still on its way. */
async function letGo(): Promise<void> {
  while (go.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  go.forEach((end) => end());
  go = [];
}

class Client {
  text = '';
  readonly ended: Promise<unknown>;

  private constructor(readonly answer: IncomingMessage) {
    answer.setEncoding('utf8').on('data', (part: string) => (this.text += part));
    answer.on('error', () => undefined);
    this.ended = once(answer, 'close');
  }

  static async open(port: number, id: string, lastEventId?: string): Promise<Client> {
    const headers = {
      authorization: `Bearer ${admin.token}`,
      accept: 'text/event-stream',
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    };
    const asked = get({ host: '127.0.0.1', port, path: `/v1/jobs/${id}/events`, headers });
    asked.on('error', () => undefined);
    return new Client(((await once(asked, 'response')) as [IncomingMessage])[0]);
  }

  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.text)) {
      if (this.answer.destroyed) throw new Error(`It ended without ${pattern}:\n${this.text}`);
      await Promise.race([once(this.answer, 'data'), this.ended]);
    }
  }

  leave(): void {
    this.answer.destroy();
  }
}

/** Resolves when no instance has looked for a while, so that nobody follows any job. */
async function untilNobodyLooks(): Promise<void> {
  let lookedAt = performance.now();
  const stops = instances.map(({ app }) =>
    app.get(Telemetry).on('database.statement', ({ sql }) => {
      if (/FROM feed_jobs AS job LEFT JOIN/.test(sql)) lookedAt = performance.now();
    }),
  );
  while (performance.now() - lookedAt < LOOKS_MS) await new Promise((resolve) => setTimeout(resolve, 50));
  stops.forEach((stop) => stop());
}

it('a HEAD of events ends at once, and nobody follows', async () => {
  const id = await startJob(false);
  const headers = { authorization: `Bearer ${admin.token}` };
  const answer = await ask(ports[0] as number, { method: 'HEAD', path: `/v1/jobs/${id}/events`, headers });
  expect(answer).toMatchObject({ status: 200, body: '', headers: { 'content-type': 'text/event-stream' } });
  expect(answer.headers).not.toHaveProperty('content-length');
  await untilNobodyLooks();
  await letGo();
}, 10_000);

for (const [program, start] of PROXIES)
  describeWith(program, `events through ${program}`, (path) => {
    let proxies: Proxy[];

    beforeAll(async () => {
      proxies = await Promise.all(ports.map((port) => start(path, [port])));
    });
    afterAll(() => Promise.all((proxies ?? []).map((one) => one.stop())));

    it('come at once, and go on where they were cut off, on another instance', async () => {
      const id = await startJob(true);
      const [here, there] = proxies as [Proxy, Proxy];
      const first = await Client.open(here.port, id);
      await first.until(/^id: 1\nevent: feed\ndata: .*"succeeded"/m);
      first.leave();
      const second = await Client.open(there.port, id, '1');
      await second.until(/^event: progress$/m);
      await letGo();
      await second.until(/^event: done$/m);
      await second.ended;
      expect([...second.text.matchAll(/^id: (\d+)$/gm)].map(([, event]) => event)).toEqual(['2', '2']);
    });

    it('a client that leaves is noticed', async () => {
      const id = await startJob(false);
      const client = await Client.open((proxies[0] as Proxy).port, id);
      await client.until(/^event: progress$/m);
      client.leave();
      await untilNobodyLooks();
      await letGo();
    }, 10_000);

    it('a comment keeps the connection open while nothing happens', async () => {
      const id = await startJob(false);
      const client = await Client.open((proxies[1] as Proxy).port, id);
      await client.until(/^: still there$/m);
      expect(client.answer.destroyed).toBe(false);
      await letGo();
      await client.until(/^event: done$/m);
    }, 40_000);
  });
