import { createChangeLog, dropChangeLog, logChanges } from '@app/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateChangeLog1763900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createChangeLog(runner);
    await logChanges(runner, 'users');
    await logChanges(runner, 'items');
    // The answer to a repeated request names the transaction of the first one.
    await runner.query(`ALTER TABLE idempotency_keys ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE idempotency_keys DROP COLUMN xid`);
    await dropChangeLog(runner);
  }
}
