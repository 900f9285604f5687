import type { MigrationInterface, QueryRunner } from 'typeorm';

const INDEXES = ['items_search_idx', 'items_tags_idx', 'items_terms_idx', 'users_search_idx'];
/**
 * In kB. What a GIN index has put off is moved to its place by the write that finds too much of it. With PostgreSQL's 4 MB that
 * takes half a second, in which the write holds the lock of its row: whoever waits for a popular one ran into the lock timeout.
 */
const PENDING_LIMIT = 512;

export class CleanGinIndexesOften1764100000300 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const index of INDEXES)
      await runner.query(`ALTER INDEX "${index}" SET (gin_pending_list_limit = ${PENDING_LIMIT})`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const index of INDEXES) await runner.query(`ALTER INDEX "${index}" RESET (gin_pending_list_limit)`);
  }
}
