// A file of items imported into an empty table over HTTP, and exported again: rows a second, and memory above idle.
import { createReadStream, createWriteStream, existsSync, readFileSync, statSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { gunzipSync } from 'node:zlib';
import type { Server } from './child';
import { emptyDatabase } from './databases';
import { forgetPeakOf, peakMebibytesOf, residentMebibytesOf } from './machine';
import type { Options } from './options';
import { atLeast, atMost, type Figure, type Goal, type Result, type Scenario } from './scenario';
import { login, startService } from './service';
import { spreadOf } from './statistics';
import type { World } from './world';

const MAX_ROUNDS = 3;

export const transfer: Scenario = {
  name: 'transfer',
  title: 'import of a file into an empty table, and export of that table, over HTTP',
  run: async (world, options) => {
    const file = options.file ?? (await exportOfWorld(world));
    const imports: Transfer[] = [];
    const exports: Transfer[] = [];
    for (let round = 0; round < Math.min(options.rounds, MAX_ROUNDS); round++) {
      const server = await startService(world, {
        environment: { DATABASE_URL: await emptyDatabase(world, 'transfer') },
      });
      try {
        imports.push(await measured(server, async () => receive(server, world, file)));
        exports.push(await measured(server, async () => send(server, join(world.directory, 'export.ndjson'))));
      } finally {
        await server.stop();
      }
      process.stderr.write('.');
    }
    return resultOf(imports, exports, options);
  },
};

interface Transfer {
  readonly rows: number;
  readonly perSecond: number;
  readonly extraMebibytes: number;
}

async function measured({ pid }: Server, work: () => Promise<number>): Promise<Transfer> {
  const idle = residentMebibytesOf(pid);
  forgetPeakOf(pid);
  const startedAt = performance.now();
  const rows = await work();
  const perSecond = rows / ((performance.now() - startedAt) / 1_000);
  return { rows, perSecond, extraMebibytes: peakMebibytesOf(pid) - idle };
}

function call(url: string, path: string, headers: Record<string, string>, file?: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const out = request(new URL(path, url), { method: file ? 'POST' : 'GET', headers }, resolve).once('error', reject);
    if (file === undefined) out.end();
    else createReadStream(file).pipe(out);
  });
}

async function receive({ url }: Server, { admin }: World, file: string): Promise<number> {
  const answer = await call(
    url,
    '/v1/items/import',
    {
      authorization: await login(url, admin),
      'content-type': file.includes('.csv') ? 'text/csv' : 'application/x-ndjson',
      ...(file.endsWith('.gz') && { 'content-encoding': 'gzip' }),
      'content-length': String(statSync(file).size),
    },
    file,
  );
  const text = (await answer.setEncoding('utf8').toArray()).join('');
  if (answer.statusCode !== 200) throw new Error(`The import answered ${answer.statusCode}: ${text}`);
  const { received, created } = JSON.parse(text) as { received: number; created: number };
  if (created !== received) throw new Error(`Of ${received} rows, ${created} were created: ${text}`);
  return created;
}

async function send({ url }: Server, file: string): Promise<number> {
  const answer = await call(url, '/v1/items/export?format=ndjson', {});
  if (answer.statusCode !== 200) throw new Error(`The export answered ${answer.statusCode}.`);
  await pipeline(answer, createWriteStream(file));
  return linesOf(file);
}

function linesOf(file: string): number {
  const bytes = file.endsWith('.gz') ? gunzipSync(readFileSync(file)) : readFileSync(file);
  return bytes.reduce((lines, byte) => (byte === 10 ? lines + 1 : lines), 0);
}

async function exportOfWorld(world: World): Promise<string> {
  const file = join(world.directory, 'items.ndjson');
  if (existsSync(file)) return file;
  const server = await startService(world);
  try {
    await send(server, file);
    return file;
  } finally {
    await server.stop();
  }
}

function resultOf(imports: readonly Transfer[], exports: readonly Transfer[], { isQuick }: Options): Result {
  const median = (of: readonly Transfer[], key: keyof Transfer): number => spreadOf(of.map((one) => one[key])).median;
  const figures = (what: string, of: readonly Transfer[]): Figure[] => [
    { name: `${what}, rows`, value: median(of, 'rows'), unit: '' },
    { name: what, value: median(of, 'perSecond'), unit: 'rows/s' },
    { name: `${what}, memory above idle`, value: median(of, 'extraMebibytes'), unit: 'MiB' },
  ];
  // The first seconds of a process go into compiling what it runs: few rows say nothing about many.
  const goals: Goal[] = isQuick
    ? []
    : [
        atLeast('import, rows/s', median(imports, 'perSecond'), 20_000),
        atLeast('export, rows/s', median(exports, 'perSecond'), 50_000),
        atMost('import, MiB above idle', median(imports, 'extraMebibytes'), 60),
        atMost('export, MiB above idle', median(exports, 'extraMebibytes'), 60),
      ];
  return { figures: [...figures('import', imports), ...figures('export', exports)], goals };
}
