import type { MigrationInterface, QueryRunner } from 'typeorm';

export class IndexFeedRuns1764300000200 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // From now on runs go with the last job that shows them. Before, the hourly deletion of those that none shows could fail.
    await runner.query(
      `DELETE FROM feed_runs WHERE state NOT IN ('queued', 'running') AND NOT EXISTS (SELECT FROM feed_job_runs WHERE run_id = feed_runs.id)`,
    );
    await runner.query(`CREATE INDEX "feed_runs_feed_id_idx" ON "feed_runs" ("feed_id")`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX "public"."feed_runs_feed_id_idx"`);
  }
}
