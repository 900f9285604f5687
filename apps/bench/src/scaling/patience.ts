import { setTimeout as delay } from 'node:timers/promises';
import { type Ask, askAll } from '../requests';

const ATTEMPTS = 20;
const PAUSE_MS = 500;

/** Asks for all until all is answered: the first connection to the database of an instance on a busy machine may come too late. */
export async function askPatiently(url: string, asks: readonly Ask[]): Promise<void> {
  for (let attempt = 1; ; attempt++)
    try {
      return await askAll(url, asks, 200);
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await delay(PAUSE_MS);
    }
}
