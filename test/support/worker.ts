// Reads feeds: in this process, with the modules of a worker, or as a process of its own that can be killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { loadConfig } from '@app/config';
import { createLogger } from '@app/telemetry';
import type { INestApplicationContext } from '@nestjs/common';
import { createWorker } from '../../apps/api/src/create-worker';

const WORKER = join(__dirname, '../../dist/apps/api/src/worker.js');

/** Suppliers of tests are on this machine. */
const environmentOf = (databaseUrl: string): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  JWT_SECRET: 'a secret that is used in tests only, 32 bytes or more',
  FEEDS_ALLOW: '127.0.0.0/8',
  DATABASE_POOL: '5',
});

/** A worker in this process; close it. */
export function startWorker(
  databaseUrl: string,
  environment: Record<string, string> = {},
): Promise<INestApplicationContext> {
  const config = loadConfig({ ...environmentOf(databaseUrl), LOG_LEVEL: 'silent', ...environment });
  const onUnfitDatabase = (error: Error): never => {
    throw error;
  };
  const { jwtSecret = '' } = config;
  const logger = createLogger({ logLevel: 'error', destination: process.stderr });
  return createWorker({ ...config, databaseUrl, jwtSecret, onUnfitDatabase, logger });
}

/** A worker as `npm run worker` starts it, once it has begun to look for work. */
export async function spawnWorker(
  databaseUrl: string,
  environment: Record<string, string> = {},
): Promise<ChildProcess> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, ['--max-semi-space-size=2', WORKER], {
    env: { PATH, HOME, ...environmentOf(databaseUrl), ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout?.setEncoding('utf8');
  while (!output.includes('"worker.started"')) {
    const ended = once(child, 'exit').then(() => undefined);
    const part = await Promise.race([once(child.stdout as never, 'data'), ended]);
    if (!part) throw new Error(`The worker has ended: ${output}`);
    output += String(part[0]);
  }
  child.stdout?.resume();
  return child;
}

/** Ends a worker as if the machine had lost its power. */
export async function killWorker(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
