import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * `words_of`: a list as text. `terms_of`: a flat object as `key:value`; values are cut at 200 characters, since an entry
 * of a GIN index has at most 2,704 bytes. Generated columns allow immutable functions only, which array_to_string is for text,
 * but is not marked as.
 */
export class CreateSearchFunctions1763800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION words_of(list text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
      AS $$ SELECT array_to_string(list, ' ') $$`);
    await runner.query(`
      CREATE FUNCTION terms_of(object jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
      AS $$ SELECT ARRAY(SELECT key || ':' || coalesce(left(value, 200), 'null') FROM jsonb_each_text(object)) $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP FUNCTION terms_of(jsonb)`);
    await runner.query(`DROP FUNCTION words_of(text[])`);
  }
}
