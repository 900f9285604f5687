import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Those that share what PostgreSQL allows (DATABASE_POOL_TOTAL), and how many connections each may have. */
export class CreateInstances1764300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE UNLOGGED TABLE instances (
        id uuid,
        held integer NOT NULL,
        seen_at timestamptz NOT NULL,
        CONSTRAINT instances_pkey PRIMARY KEY (id),
        CONSTRAINT instances_held_check CHECK (held > 0)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE instances');
  }
}
