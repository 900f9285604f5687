// Repeats work that collided with somebody else's transaction, or was undone because this process had stood still.
import { setTimeout as delay } from 'node:timers/promises';
import { failureOf, IDLE_IN_TRANSACTION } from './failures';

const MAX_RETRIES = 3;

/**
 * Serialization failures and deadlocks are retried up to three times with jitter, so the work must be repeatable. A
 * transaction that was undone as idle is repeated once: work that is slow by itself would be so again.
 */
export async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= retriesAfter(error)) throw error;
      await delay(Math.random() * 20 * 2 ** attempt);
    }
  }
}

function retriesAfter(error: unknown): number {
  const failure = failureOf(error);
  if (failure?.kind !== 'conflict') return 0;
  return failure.sqlState === IDLE_IN_TRANSACTION ? 1 : MAX_RETRIES;
}
