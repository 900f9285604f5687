// Thousands of simultaneous requests for one item that no cache has: how many statements they cost.
import { freePort } from './ports';
import { ask, textOf } from './requests';
import { atMost, type Result, type Scenario } from './scenario';
import { startService } from './service';
import { type Answer, Wire } from './wire';
import type { World } from './world';

const CALLERS = 5_000;
/** The service also sends statements of its own now and then: each crowd asks for another item, and the least counts. */
const MOST_CROWDS = 3;
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

async function crowd({ ids: [warm, ...cold] }: World, url: string, adminUrl: string): Promise<Result> {
  const wires = await Promise.all(Array.from({ length: CALLERS }, () => Wire.open(url)));
  // The item is cold, and not the process: its first connections to PostgreSQL are no matter of the crowd's.
  await ask(url, { path: `/v1/items/${warm}` });
  let [statements, lastedMs] = [Infinity, NaN];
  for (let time = 0; time < MOST_CROWDS && statements > 1; time++) {
    const request = textOf(url, { path: `/v1/items/${cold[time]}` });
    // Whoever asks for the metrics makes the service ask the database, which the next one sees.
    const first = await statementsAt(adminUrl);
    const before = await statementsAt(adminUrl);
    const startedAt = performance.now();
    const answers = await Promise.all(
      wires.map((wire) => new Promise<Answer | undefined>((resolve) => wire.send(request, resolve))),
    );
    lastedMs = performance.now() - startedAt;
    statements = Math.min(statements, (await statementsAt(adminUrl)) - before - (before - first));
    refuseUnserved(answers);
  }
  for (const wire of wires) wire.close();
  return {
    figures: [
      { name: 'callers', value: CALLERS, unit: '' },
      { name: 'statements', value: statements, unit: '' },
      { name: 'until the last was answered', value: lastedMs, unit: 'ms' },
    ],
    goals: [atMost('statements for one cold item', statements, 1)],
  };
}

/** @throws Error unless all were served */
function refuseUnserved(answers: readonly (Answer | undefined)[]): void {
  const wrong = answers.filter((answer) => answer?.status !== 200);
  if (wrong.length === 0) return;
  const what = [...new Set(wrong.map(told))].join(', ');
  throw new Error(`${wrong.length} of ${CALLERS} callers were not served: ${what}.`);
}

const told = (answer: Answer | undefined): string => (answer ? String(answer.status) : 'connection lost');

/** Since the start, whoever sent them; the change feed's own polls are not among them. */
async function statementsAt(adminUrl: string): Promise<number> {
  const text = (await ask(adminUrl, { path: '/metrics' })).body.toString();
  return [...text.matchAll(STATEMENTS)].reduce((sum, [, count]) => sum + Number(count), 0);
}
