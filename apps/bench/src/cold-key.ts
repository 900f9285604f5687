// Thousands of simultaneous requests for one item that no cache has: how many statements they cost.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { ask, textOf } from './requests';
import { atMost, type Result, type Scenario } from './scenario';
import { startService } from './service';
import { type Answer, Wire } from './wire';
import type { World } from './world';

const CALLERS = 5_000;
const STATEMENTS = /^database_statement_duration_seconds_count\{[^}]*\} (\d+)$/gm;

export const coldKey: Scenario = {
  name: 'cold-key',
  title: `${CALLERS} simultaneous requests for one cold item`,
  run: async (world) => {
    const adminPort = await freePort();
    const server = await startService(world, { environment: { ADMIN_PORT: String(adminPort) } });
    try {
      return await crowd(world, server.url, `http://127.0.0.1:${adminPort}`);
    } finally {
      await server.stop();
    }
  },
};

async function crowd({ ids }: World, url: string, adminUrl: string): Promise<Result> {
  const wires = await Promise.all(Array.from({ length: CALLERS }, () => Wire.open(url)));
  const request = textOf(url, { path: `/v1/items/${ids[0]}` });
  // The item is cold, and not the process: its first connections to PostgreSQL are no matter of the crowd's.
  await ask(url, { path: `/v1/items/${ids[1]}` });
  const before = await statementsAt(adminUrl);
  const startedAt = performance.now();
  const answers = await Promise.all(
    wires.map((wire) => new Promise<Answer | undefined>((resolve) => wire.send(request, resolve))),
  );
  const lastedMs = performance.now() - startedAt;
  const statements = (await statementsAt(adminUrl)) - before;
  for (const wire of wires) wire.close();
  const wrong = answers.filter((answer) => answer?.status !== 200);
  if (wrong.length > 0)
    throw new Error(
      `${wrong.length} of ${CALLERS} callers were not served: ${[...new Set(wrong.map(told))].join(', ')}.`,
    );
  return {
    figures: [
      { name: 'callers', value: CALLERS, unit: '' },
      { name: 'statements', value: statements, unit: '' },
      { name: 'until the last was answered', value: lastedMs, unit: 'ms' },
    ],
    goals: [atMost('statements for one cold item', statements, 1)],
  };
}

const told = (answer: Answer | undefined): string => (answer ? String(answer.status) : 'connection lost');

/** Since the start, whoever sent them; the change feed's own polls are not among them. */
async function statementsAt(adminUrl: string): Promise<number> {
  const text = (await ask(adminUrl, { path: '/metrics' })).body.toString();
  return [...text.matchAll(STATEMENTS)].reduce((sum, [, count]) => sum + Number(count), 0);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
