import { logChanges } from '@app/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateSessions1764100000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE "sessions" ("id" uuid NOT NULL, "user_id" uuid NOT NULL, "token_generation" integer NOT NULL, "family" text NOT NULL, "token" text NOT NULL, "parent" text, "sealed_child" text, "user_agent" text, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "last_used_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "expires_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, CONSTRAINT "sessions_family_key" UNIQUE ("family"), CONSTRAINT "sessions_user_agent_check" CHECK (length(user_agent) <= 200), CONSTRAINT "sessions_parent_check" CHECK ((parent IS NULL) = (sealed_child IS NULL)), CONSTRAINT "sessions_pkey" PRIMARY KEY ("id"))`,
    );
    await runner.query(`CREATE INDEX "sessions_expires_at_idx" ON "sessions" ("expires_at")`);
    await runner.query(`CREATE INDEX "sessions_user_id_last_used_at_idx" ON "sessions" ("user_id", "last_used_at")`);
    await runner.query(
      `ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    await logChanges(runner, 'sessions');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "sessions" DROP CONSTRAINT "sessions_user_id_fkey"`);
    await runner.query(`DROP INDEX "public"."sessions_user_id_last_used_at_idx"`);
    await runner.query(`DROP INDEX "public"."sessions_expires_at_idx"`);
    await runner.query(`DROP TABLE "sessions"`);
  }
}
