import { createChangeLog, dropChangeLog, logChanges } from '@app/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateChangeLog1763900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createChangeLog(runner);
    await logChanges(runner, 'users');
    await logChanges(runner, 'items');
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropChangeLog(runner);
  }
}
