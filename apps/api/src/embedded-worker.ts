import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const RESTART_MS = 1_000;
/** As `npm run worker` has it: a small young generation, but not the smallest, which would make rows that wait for the database old. */
const EXEC_ARGV = ['--max-semi-space-size=2'];

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
