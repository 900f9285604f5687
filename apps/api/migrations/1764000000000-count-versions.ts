import { countVersions, createVersionCounter, dropVersionCounter } from '@app/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CountVersions1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createVersionCounter(runner);
    await countVersions(runner, 'users');
    await countVersions(runner, 'items');
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropVersionCounter(runner);
  }
}
