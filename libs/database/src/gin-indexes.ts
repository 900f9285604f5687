// What a GIN index needs so that no write waits long for its upkeep.
import type { QueryRunner } from 'typeorm';

/**
 * In kB. What a GIN index has put off is moved to its place by the write that finds too much of it. With PostgreSQL's 4 MB that
 * takes half a second, in which the write holds the lock of its row: whoever waits for a popular one ran into the lock timeout.
 */
const PENDING_LIMIT = 512;

/** In a migration, for each GIN index that it makes. */
export async function cleanGinIndexOften(runner: QueryRunner, index: string): Promise<void> {
  await runner.query(`ALTER INDEX "${index}" SET (gin_pending_list_limit = ${PENDING_LIMIT})`);
}
