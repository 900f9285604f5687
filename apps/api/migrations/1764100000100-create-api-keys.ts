import { logChanges } from '@app/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateApiKeys1764100000100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE "api_keys" ("id" uuid NOT NULL, "owner_id" uuid NOT NULL, "name" text NOT NULL, "prefix" text NOT NULL, "digest" text NOT NULL, "scopes" text array NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "expires_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, CONSTRAINT "api_keys_digest_key" UNIQUE ("digest"), CONSTRAINT "api_keys_scopes_check" CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['read', 'write']), CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id"))`,
    );
    await runner.query(
      `CREATE INDEX "api_keys_owner_id_created_at_id_idx" ON "api_keys" ("owner_id", "created_at", "id")`,
    );
    await runner.query(
      `ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    await logChanges(runner, 'api_keys');
    // Not a column of api_keys, whose rows are cached: each use that is noted would drop one on every instance.
    await runner.query(`
      CREATE TABLE api_key_uses (
        id uuid NOT NULL,
        last_used_at timestamptz(3) NOT NULL,
        CONSTRAINT api_key_uses_pkey PRIMARY KEY (id),
        CONSTRAINT api_key_uses_id_fkey FOREIGN KEY (id) REFERENCES api_keys (id) ON DELETE CASCADE
      )`);
    await this.eraseWithOwner(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP FUNCTION erase_api_keys() CASCADE`);
    await runner.query(`DROP TABLE api_key_uses`);
    await runner.query(`DROP TABLE "api_keys"`);
  }

  /** A deleted account stays as a shell, so no ON DELETE sees it go; like one, this acts whoever deletes it, with the owner's rights. */
  private async eraseWithOwner(runner: QueryRunner): Promise<void> {
    const [{ schema }] = (await runner.query(`SELECT quote_ident(current_schema()) AS schema`)) as [{ schema: string }];
    await runner.query(`
      CREATE FUNCTION erase_api_keys() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      BEGIN
        DELETE FROM ${schema}.api_keys WHERE owner_id = NEW.id;
        RETURN NULL;
      END $$`);
    await runner.query(`REVOKE ALL ON FUNCTION erase_api_keys() FROM PUBLIC`);
    await runner.query(`
      CREATE TRIGGER users_erase_api_keys AFTER UPDATE OF status ON users
      FOR EACH ROW WHEN (NEW.status = 'deleted') EXECUTE FUNCTION erase_api_keys()`);
  }
}
