import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A feed that clears asks which of its owner's other feeds have an item, and which of them have cleared some lately. */
export class IndexKnownSkus1764400000100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX feed_items_sku_idx ON feed_items (sku)`);
    await runner.query(`CREATE INDEX "feed_runs_finished_at_idx" ON "feed_runs" ("finished_at") WHERE cleared > 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX "feed_runs_finished_at_idx"`);
    await runner.query(`DROP INDEX feed_items_sku_idx`);
  }
}
