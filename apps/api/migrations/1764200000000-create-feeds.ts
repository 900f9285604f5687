import { countVersions } from '@app/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const LIVE = `state IN ('queued', 'running')`;

export class CreateFeeds1764200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE "feeds" ("id" uuid NOT NULL, "name" text NOT NULL, "url" text NOT NULL, "format" text NOT NULL, "enabled" boolean NOT NULL DEFAULT true, "clears_missing" boolean NOT NULL DEFAULT false, "owner_id" uuid NOT NULL, "version" integer NOT NULL DEFAULT '1', "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "feeds_name_key" UNIQUE ("name"), CONSTRAINT "feeds_format_check" CHECK (format IN ('ndjson', 'csv', 'json')), CONSTRAINT "feeds_pkey" PRIMARY KEY ("id"))`,
    );
    await runner.query(`CREATE INDEX "feeds_created_at_id_idx" ON "feeds" ("created_at", "id")`);
    await runner.query(
      `ALTER TABLE "feeds" ADD CONSTRAINT "feeds_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
    );
    await countVersions(runner, 'feeds');
    // Not columns of feeds: that they change is no change of the feed. They hold for what was read in the same way only.
    await runner.query(`
      CREATE TABLE feed_validators (
        feed_id uuid NOT NULL,
        url text NOT NULL,
        format text NOT NULL,
        clears_missing boolean NOT NULL,
        etag text,
        last_modified text,
        CONSTRAINT feed_validators_pkey PRIMARY KEY (feed_id),
        CONSTRAINT feed_validators_feed_id_fkey FOREIGN KEY (feed_id) REFERENCES feeds (id) ON DELETE CASCADE
      )`);
    // What a feed had that clears what is missing.
    await runner.query(`
      CREATE TABLE feed_items (
        feed_id uuid NOT NULL,
        sku text NOT NULL,
        CONSTRAINT feed_items_pkey PRIMARY KEY (feed_id, sku),
        CONSTRAINT feed_items_feed_id_fkey FOREIGN KEY (feed_id) REFERENCES feeds (id) ON DELETE CASCADE
      )`);
    await this.createJobs(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE feed_job_runs`);
    await runner.query(`DROP TABLE "feed_runs"`);
    await runner.query(`DROP TABLE "feed_jobs"`);
    await runner.query(`DROP TABLE feed_items`);
    await runner.query(`DROP TABLE feed_validators`);
    await runner.query(`DROP TABLE "feeds"`);
  }

  private async createJobs(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE "feed_jobs" ("id" uuid NOT NULL, "requested_by" uuid NOT NULL, "position" integer NOT NULL DEFAULT '0', "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "cancelled_at" TIMESTAMP(3) WITH TIME ZONE, CONSTRAINT "feed_jobs_pkey" PRIMARY KEY ("id"))`,
    );
    await runner.query(`CREATE INDEX "feed_jobs_created_at_idx" ON "feed_jobs" ("created_at")`);
    await runner.query(
      `ALTER TABLE "feed_jobs" ADD CONSTRAINT "feed_jobs_requested_by_fkey" FOREIGN KEY ("requested_by") REFERENCES "users"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
    );
    await runner.query(
      `CREATE TABLE "feed_runs" ("id" uuid NOT NULL, "feed_id" uuid NOT NULL, "state" text NOT NULL DEFAULT 'queued', "worker" uuid, "leased_until" TIMESTAMP(3) WITH TIME ZONE, "starts" integer NOT NULL DEFAULT '0', "http_status" integer, "received" integer NOT NULL DEFAULT '0', "created" integer NOT NULL DEFAULT '0', "updated" integer NOT NULL DEFAULT '0', "unchanged" integer NOT NULL DEFAULT '0', "rejected" integer NOT NULL DEFAULT '0', "cleared" integer NOT NULL DEFAULT '0', "attempts" integer NOT NULL DEFAULT '0', "bytes" bigint NOT NULL DEFAULT '0', "duration_ms" integer NOT NULL DEFAULT '0', "code" text, "detail" text, "errors" jsonb NOT NULL DEFAULT '[]', "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "finished_at" TIMESTAMP(3) WITH TIME ZONE, CONSTRAINT "feed_runs_state_check" CHECK (state IN ('queued', 'running', 'succeeded', 'unchanged', 'failed', 'cancelled')), CONSTRAINT "feed_runs_pkey" PRIMARY KEY ("id"))`,
    );
    await runner.query(`CREATE UNIQUE INDEX "feed_runs_feed_id_key" ON "feed_runs" ("feed_id") WHERE ${LIVE}`);
    await runner.query(`CREATE INDEX "feed_runs_created_at_id_idx" ON "feed_runs" ("created_at", "id") WHERE ${LIVE}`);
    await runner.query(
      `ALTER TABLE "feed_runs" ADD CONSTRAINT "feed_runs_feed_id_fkey" FOREIGN KEY ("feed_id") REFERENCES "feeds"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    // The position is that of the event which tells of the run's end; null until then.
    await runner.query(`
      CREATE TABLE feed_job_runs (
        job_id uuid NOT NULL,
        run_id uuid NOT NULL,
        position integer,
        CONSTRAINT feed_job_runs_pkey PRIMARY KEY (job_id, run_id),
        CONSTRAINT feed_job_runs_job_id_fkey FOREIGN KEY (job_id) REFERENCES feed_jobs (id) ON DELETE CASCADE,
        CONSTRAINT feed_job_runs_run_id_fkey FOREIGN KEY (run_id) REFERENCES feed_runs (id) ON DELETE CASCADE
      )`);
    await runner.query(`CREATE INDEX feed_job_runs_run_id_idx ON feed_job_runs (run_id)`);
  }
}
