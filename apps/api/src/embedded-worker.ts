import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const RESTART_MS = 1_000;
/**
 * Of V8, as `npm run worker` has them: a small young generation, and an old one that is collected when it has grown by half. With
 * 2 MiB instead of 4, or without the second, rows that wait for the database become old garbage, which lies about until it is as
 * much as all the rest.
 */
const EXEC_ARGV = ['--max-semi-space-size=4', '--max-old-space-size=1024'];

export interface EmbeddedWorker {
  /** Resolves when the process has ended. */
  readonly stop: () => Promise<void>;
}

/** A worker beside the service, in a process of its own, so that parsing never keeps a request waiting. It ends with the service. */
export function startEmbeddedWorker(): EmbeddedWorker {
  const stopping = new AbortController();
  const running = keepRunning(stopping.signal);
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** One that dies comes back. */
async function keepRunning(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const child = fork(join(__dirname, 'worker.js'), { execArgv: EXEC_ARGV });
    const stop = (): void => void child.kill('SIGTERM');
    signal.addEventListener('abort', stop);
    await once(child, 'exit').catch(() => undefined);
    signal.removeEventListener('abort', stop);
    await delay(RESTART_MS, undefined, { signal }).catch(() => undefined);
  }
}
