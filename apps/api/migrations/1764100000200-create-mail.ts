import { createKeptMails, dropKeptMails } from '@app/mail';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateMail1764100000200 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "users" ADD "email_verified_at" TIMESTAMP(3) WITH TIME ZONE`);
    await runner.query(
      `CREATE TABLE "mail_requests" ("id" uuid NOT NULL, "kind" text NOT NULL, "address" text NOT NULL, "requested_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "attempts" integer NOT NULL DEFAULT '0', "next_attempt_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "mail_requests_kind_check" CHECK (kind IN ('password_reset', 'email_verification')), CONSTRAINT "mail_requests_pkey" PRIMARY KEY ("id"))`,
    );
    await runner.query(`CREATE INDEX "mail_requests_address_kind_idx" ON "mail_requests" ("address", "kind")`);
    await runner.query(`CREATE INDEX "mail_requests_next_attempt_at_idx" ON "mail_requests" ("next_attempt_at")`);
    await runner.query(
      `CREATE TABLE "mail_tokens" ("id" uuid NOT NULL, "digest" text NOT NULL, "kind" text NOT NULL, "user_id" uuid NOT NULL, "token_generation" integer NOT NULL, "address" text NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "expires_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, CONSTRAINT "mail_tokens_digest_key" UNIQUE ("digest"), CONSTRAINT "mail_tokens_kind_check" CHECK (kind IN ('password_reset', 'email_verification')), CONSTRAINT "mail_tokens_pkey" PRIMARY KEY ("id"))`,
    );
    await runner.query(`CREATE INDEX "mail_tokens_expires_at_idx" ON "mail_tokens" ("expires_at")`);
    await runner.query(
      `CREATE INDEX "mail_tokens_address_kind_created_at_idx" ON "mail_tokens" ("address", "kind", "created_at")`,
    );
    await runner.query(`CREATE INDEX "mail_tokens_user_id_kind_idx" ON "mail_tokens" ("user_id", "kind")`);
    await runner.query(
      `ALTER TABLE "mail_tokens" ADD CONSTRAINT "mail_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    await createKeptMails(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropKeptMails(runner);
    await runner.query(`DROP TABLE "mail_tokens"`);
    await runner.query(`DROP TABLE "mail_requests"`);
    await runner.query(`ALTER TABLE "users" DROP COLUMN "email_verified_at"`);
  }
}
