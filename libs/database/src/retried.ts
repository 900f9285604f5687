// Repeats work that collided with somebody else's transaction.
import { setTimeout as delay } from 'node:timers/promises';
import { failureOf } from './failures';

const MAX_RETRIES = 3;

/** Serialization failures and deadlocks are retried up to three times with jitter, so the work must be repeatable. */
export async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= MAX_RETRIES || failureOf(error)?.kind !== 'conflict') throw error;
      await delay(Math.random() * 20 * 2 ** attempt);
    }
  }
}
