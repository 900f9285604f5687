import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateUsers1763800000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `INSERT INTO "typeorm_metadata"("database", "schema", "table", "type", "name", "value") VALUES (current_database(), 'public', 'users', 'GENERATED_COLUMN', 'search', 'to_tsvector(''simple'', regexp_replace(coalesce(email, '''') || '' '' || display_name, ''[!-/:-@[-\`{-~]+'', '' '', ''g''))')`,
    );
    await runner.query(
      `CREATE TABLE "users" ("id" uuid NOT NULL, "email" text, "display_name" text NOT NULL, "password_hash" text, "role" text NOT NULL DEFAULT 'user', "status" text NOT NULL DEFAULT 'active', "version" integer NOT NULL DEFAULT '1', "token_generation" integer NOT NULL DEFAULT '1', "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "search" tsvector GENERATED ALWAYS AS (to_tsvector('simple', regexp_replace(coalesce(email, '') || ' ' || display_name, '[!-/:-@[-\`{-~]+', ' ', 'g'))) STORED NOT NULL, CONSTRAINT "users_email_key" UNIQUE ("email"), CONSTRAINT "users_email_check" CHECK ((email IS NULL) = (status = 'deleted')), CONSTRAINT "users_status_check" CHECK (status IN ('active', 'disabled', 'deleted')), CONSTRAINT "users_role_check" CHECK (role IN ('user', 'admin')), CONSTRAINT "users_pkey" PRIMARY KEY ("id"))`,
    );
    await runner.query(`CREATE INDEX "users_search_idx" ON "users" USING gin ("search")`);
    await runner.query(`CREATE INDEX "users_status_created_at_id_idx" ON "users" ("status", "created_at", "id")`);
    await runner.query(`CREATE INDEX "users_role_created_at_id_idx" ON "users" ("role", "created_at", "id")`);
    await runner.query(`CREATE INDEX "users_created_at_id_idx" ON "users" ("created_at", "id")`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX "public"."users_created_at_id_idx"`);
    await runner.query(`DROP INDEX "public"."users_role_created_at_id_idx"`);
    await runner.query(`DROP INDEX "public"."users_status_created_at_id_idx"`);
    await runner.query(`DROP INDEX "public"."users_search_idx"`);
    await runner.query(`DROP TABLE "users"`);
    await runner.query(
      `DELETE FROM "typeorm_metadata" WHERE "type" = 'GENERATED_COLUMN' AND "name" = 'search' AND "database" = current_database() AND "schema" = 'public' AND "table" = 'users'`,
    );
  }
}
