import 'reflect-metadata';
import { constants, getPriority, setPriority } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { type Config, loadConfig } from '@app/config';
import { Database } from '@app/database';
import { type AdminServer, Metrics, startAdminServer, Telemetry } from '@app/telemetry';
import type { INestApplicationContext } from '@nestjs/common';
import { createWorker } from './create-worker';
import { fail } from './failure';
import { openResources } from './resources';
import { watchDatabase } from './watch-database';

/** A stop that takes longer is cut off: whoever takes the work over waits for its lease then. */
const STOP_MS = 10_000;

/** Of what is alive, in per cent: rows that have waited for the database die old, and by the thousand. */
const MAX_DEAD = 40;

setFlagsFromString(`--heap-growing-percent=${MAX_DEAD}`);
const isBesideService = process.connected;

async function start(): Promise<void> {
  // A service on the same machine comes first; whoever has started the worker may have put it further back already.
  setPriority(Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL));
  const config = loadConfig();
  const resources = await openResources(config, fail);
  const leave = async (error: unknown): Promise<never> => {
    await resources.release();
    return fail(error);
  };
  const worker = await createWorker(resources.settings).catch(leave);
  const telemetry = worker.get(Telemetry);
  const admin = await watch(worker, config).catch(leave);
  telemetry.emit('worker.started', {});
  let isStopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), STOP_MS).unref();
    telemetry.emit('app.draining', { signal });
    await admin?.close();
    await worker.close();
    await resources.release();
    telemetry.emit('app.stopped', {});
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(signal).catch(fail));
  // The service that has started it is gone, maybe since a while.
  process.once('disconnect', () => void stop('disconnect').catch(fail));
  if (isBesideService && !process.connected) await stop('disconnect');
}

async function watch(worker: INestApplicationContext, config: Config): Promise<AdminServer | undefined> {
  const metrics = worker.get(Metrics);
  watchDatabase(metrics, worker.get(Database));
  const { workerAdminPort: port, adminHost: host } = config;
  return port === null ? undefined : startAdminServer({ port, host, metrics, variable: 'WORKER_ADMIN_PORT' });
}

start().catch(fail);
