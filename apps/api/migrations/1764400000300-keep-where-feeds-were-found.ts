import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Validators of before have none, and are sent nowhere: such a feed is read whole once. */
export class KeepWhereFeedsWereFound1764400000300 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE feed_validators ADD COLUMN found_at text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE feed_validators DROP COLUMN found_at`);
  }
}
