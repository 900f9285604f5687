// What a start needs of the database, which may be absent, or be lost again at that very moment.
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from './database';
import { failureOf } from './failures';

const RETRY_MS = 500;
const PASSING: readonly unknown[] = ['unavailable', 'busy', 'timeout'];

export interface AtStartOptions {
  /** Is told when the work, begun late, fails for a reason that does not pass. */
  readonly onFailure: (error: unknown) => void;
  /** Ends the attempts. */
  readonly signal?: AbortSignal;
}

/**
 * Does the work, which must be repeatable, before this resolves if the database is there; else in the background, as soon as it is.
 * @returns what the work gave; undefined when it goes on in the background
 * @throws what the work throws, unless that passes when the database is back
 */
export async function atStart<T>(
  database: Pick<Database, 'dataSource'>,
  work: () => Promise<T>,
  { onFailure, signal }: AtStartOptions,
): Promise<T | undefined> {
  const attempt = async (): Promise<{ result?: T; isDone: boolean }> => {
    if (!database.dataSource.isInitialized) return { isDone: false };
    try {
      return { result: await work(), isDone: true };
    } catch (error) {
      if (!PASSING.includes(failureOf(error)?.kind)) throw error;
      return { isDone: false };
    }
  };
  const { result, isDone } = await attempt();
  if (!isDone) void later(attempt, signal).catch(onFailure);
  return result;
}

async function later(attempt: () => Promise<{ isDone: boolean }>, signal?: AbortSignal): Promise<void> {
  do await delay(RETRY_MS, undefined, { ref: false, signal }).catch(() => undefined);
  while (!signal?.aborted && !(await attempt()).isDone);
}
