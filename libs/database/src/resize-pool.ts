// Changes how many connections a pool may have while it is in use.
import type { Pool } from 'pg';

/** Resolves once no more are open: who waits for one is served first, in order of arrival. */
export async function resizePool(pool: Pool, max: number): Promise<void> {
  // It is read whenever somebody wants a connection.
  pool.options.max = max;
  while (pool.totalCount > max) {
    const client = await pool.connect();
    client.release(pool.totalCount > max);
  }
}
