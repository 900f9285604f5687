import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Generated columns allow immutable functions only, which array_to_string and || on rows of JSON are, but are not marked as. */
export class CreateSearchFunctions1763800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION words_of(list text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
      AS $$ SELECT array_to_string(list, ' ') $$`);
    await runner.query(`
      CREATE FUNCTION terms_of(object jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
      AS $$ SELECT ARRAY(SELECT key || ':' || coalesce(value, 'null') FROM jsonb_each_text(object)) $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP FUNCTION terms_of(jsonb)`);
    await runner.query(`DROP FUNCTION words_of(text[])`);
  }
}
