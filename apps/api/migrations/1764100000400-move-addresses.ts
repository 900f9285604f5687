import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['mail_requests', 'mail_tokens'];
const KINDS = ['password_reset', 'email_verification'];

export class MoveAddresses1764100000400 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "users" ADD "pending_email" text`);
    await runner.query(`ALTER TABLE "mail_requests" ADD "user_id" uuid`);
    for (const table of TABLES) await allowKinds(runner, table, [...KINDS, 'email_change']);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) {
      await runner.query(`DELETE FROM "${table}" WHERE kind = 'email_change'`);
      await allowKinds(runner, table, KINDS);
    }
    await runner.query(`ALTER TABLE "mail_requests" DROP COLUMN "user_id"`);
    await runner.query(`ALTER TABLE "users" DROP COLUMN "pending_email"`);
  }
}

async function allowKinds(runner: QueryRunner, table: string, kinds: readonly string[]): Promise<void> {
  const list = kinds.map((kind) => `'${kind}'`).join(', ');
  await runner.query(
    `ALTER TABLE "${table}" DROP CONSTRAINT "${table}_kind_check", ADD CONSTRAINT "${table}_kind_check" CHECK (kind IN (${list}))`,
  );
}
