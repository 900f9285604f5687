import 'reflect-metadata';
import { constants, setPriority } from 'node:os';
import { loadConfig } from '@app/config';
import { Telemetry } from '@app/telemetry';
import { createWorker } from './create-worker';
import { fail } from './failure';
import { openResources } from './resources';

/** A stop that takes longer is cut off: whoever takes the work over waits for its lease then. */
const STOP_MS = 10_000;

const isBesideService = process.connected;

async function start(): Promise<void> {
  // A service on the same machine comes first.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const resources = await openResources(loadConfig(), fail);
  const worker = await createWorker(resources.settings).catch(async (error: unknown) => {
    await resources.release();
    return fail(error);
  });
  const telemetry = worker.get(Telemetry);
  telemetry.emit('worker.started', {});
  let isStopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), STOP_MS).unref();
    telemetry.emit('app.draining', { signal });
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

start().catch(fail);
