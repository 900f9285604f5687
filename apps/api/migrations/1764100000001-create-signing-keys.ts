import { logChanges } from '@app/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateSigningKeys1764100000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE "signing_keys" ("id" text NOT NULL, "sealed" text NOT NULL, "signs_from" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "ends_at" TIMESTAMP(3) WITH TIME ZONE, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "signing_keys_ends_at_check" CHECK (ends_at > signs_from), CONSTRAINT "signing_keys_pkey" PRIMARY KEY ("id"))`,
    );
    await logChanges(runner, 'signing_keys');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE "signing_keys"`);
  }
}
