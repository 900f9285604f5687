// How a process ends when it is told to: not ready first, then closed, then gone.
import { setTimeout as sleep } from 'node:timers/promises';
import { Drain } from '@app/http';
import { Telemetry } from '@app/telemetry';
import type { INestApplication } from '@nestjs/common';
import { fail } from './failure';

/** Milliseconds since the signal, after which whatever hangs is ended. */
export const LONGEST_MS = 15_000;
/** The same, after which what is not answered is cut off. */
const LONGEST_ANSWER_MS = 12_000;

export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Leaving {
  /** For so long, what still comes is taken. */
  readonly delayMs: number;
  /** Ends what runs beside the application: Ctrl-C has reached that, too, and it must not be started again meanwhile. */
  readonly beside?: () => Promise<unknown>;
  /** Gives back what is not the application's. */
  readonly release: () => Promise<unknown>;
}

/** The first signal begins to drain; the others change nothing. */
export function leaveOnSignal(app: INestApplication, { delayMs, beside, release }: Leaving): void {
  let isLeaving = false;
  const leave = async (signal: NodeJS.Signals): Promise<void> => {
    if (isLeaving) return;
    isLeaving = true;
    const drain = app.get(Drain);
    setTimeout(() => process.exit(1), LONGEST_MS).unref();
    setTimeout(() => drain.cut(), LONGEST_ANSWER_MS).unref();
    app.get(Telemetry).emit('app.draining', { signal });
    drain.begin();
    const others = beside?.();
    await sleep(delayMs);
    await app.close();
    await others;
    await release();
    app.get(Telemetry).emit('app.stopped', {});
    process.exit(0);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, () => void leave(signal).catch(fail));
}
