// Changes single rows over plain connections as fast as they are answered: `node sql-writer.js URL CLIENTS SECONDS FILE-OF-IDS`.
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { cpuSecondsOf } from './machine';
import type { Round } from './summary';

const CHANGE = { name: 'change', text: 'UPDATE items SET stock = $1 WHERE id = $2' };
const MAX_STOCK = 1_000_000;

const [url, clientCount, seconds, idsFile] = process.argv.slice(2) as [string, string, string, string];
const ids = readFileSync(idsFile, 'utf8').split('\n');
const anyBelow = (limit: number): number => Math.floor(Math.random() * limit);

async function write(): Promise<Round> {
  const clients = Array.from({ length: Number(clientCount) }, () => new Client({ connectionString: url }));
  await Promise.all(clients.map((client) => client.connect()));
  const cpuSeconds = (): number =>
    clients.reduce((sum, client) => sum + cpuSecondsOf((client as unknown as { processID: number }).processID), 0);
  const cpuBefore = cpuSeconds();
  const startedAt = performance.now();
  const endsAt = startedAt + Number(seconds) * 1_000;
  const latencies: number[] = [];
  await Promise.all(
    clients.map(async (client) => {
      for (let now = performance.now(); now < endsAt;) {
        await client.query({ ...CHANGE, values: [anyBelow(MAX_STOCK), ids[anyBelow(ids.length)]] });
        const answeredAt = performance.now();
        latencies.push(answeredAt - now);
        now = answeredAt;
      }
    }),
  );
  const lastedSeconds = (performance.now() - startedAt) / 1_000;
  const cpuUsed = cpuSeconds() - cpuBefore;
  await Promise.all(clients.map((client) => client.end()));
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(share * (latencies.length - 1))] ?? NaN;
  return {
    perSecond: latencies.length / lastedSeconds,
    cpuMicroseconds: (cpuUsed / latencies.length) * 1e6,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

write().then(
  (round) => process.stdout.write(`RESULT ${JSON.stringify(round)}\n`),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
