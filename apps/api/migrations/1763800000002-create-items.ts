import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateItems1763800000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `INSERT INTO "typeorm_metadata"("database", "schema", "table", "type", "name", "value") VALUES (current_database(), 'public', 'items', 'GENERATED_COLUMN', 'terms', 'terms_of(attributes)')`,
    );
    await runner.query(
      `INSERT INTO "typeorm_metadata"("database", "schema", "table", "type", "name", "value") VALUES (current_database(), 'public', 'items', 'GENERATED_COLUMN', 'search', 'setweight(to_tsvector(''english'', name), ''A'') || setweight(to_tsvector(''simple'', sku), ''A'') || setweight(to_tsvector(''english'', words_of(tags)), ''B'') || setweight(jsonb_to_tsvector(''english'', attributes, ''["string"]''), ''C'') || setweight(to_tsvector(''english'', coalesce(description, '''')), ''D'')')`,
    );
    await runner.query(
      `CREATE TABLE "items" ("id" uuid NOT NULL, "sku" text NOT NULL, "name" text NOT NULL, "description" text, "price" bigint, "currency" text, "stock" integer NOT NULL DEFAULT '0', "tags" text array NOT NULL DEFAULT '{}', "attributes" jsonb NOT NULL DEFAULT '{}', "terms" text array GENERATED ALWAYS AS (terms_of(attributes)) STORED NOT NULL, "owner_id" uuid NOT NULL, "version" integer NOT NULL DEFAULT '1', "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "search" tsvector GENERATED ALWAYS AS (setweight(to_tsvector('english', name), 'A') || setweight(to_tsvector('simple', sku), 'A') || setweight(to_tsvector('english', words_of(tags)), 'B') || setweight(jsonb_to_tsvector('english', attributes, '["string"]'), 'C') || setweight(to_tsvector('english', coalesce(description, '')), 'D')) STORED NOT NULL, CONSTRAINT "items_sku_key" UNIQUE ("sku"), CONSTRAINT "items_price_currency_check" CHECK ((price IS NULL) = (currency IS NULL)), CONSTRAINT "items_stock_check" CHECK (stock >= 0), CONSTRAINT "items_price_check" CHECK (price >= 0), CONSTRAINT "items_pkey" PRIMARY KEY ("id"))`,
    );
    await runner.query(`CREATE INDEX "items_currency_idx" ON "items" ("currency")`);
    await runner.query(`CREATE INDEX "items_stock_idx" ON "items" ("stock")`);
    await runner.query(`CREATE INDEX "items_tags_idx" ON "items" USING gin ("tags")`);
    await runner.query(`CREATE INDEX "items_terms_idx" ON "items" USING gin ("terms")`);
    await runner.query(`CREATE INDEX "items_search_idx" ON "items" USING gin ("search")`);
    await runner.query(`CREATE INDEX "items_owner_id_created_at_id_idx" ON "items" ("owner_id", "created_at", "id")`);
    await runner.query(`CREATE INDEX "items_price_id_idx" ON "items" ("price", "id")`);
    await runner.query(`CREATE INDEX "items_name_id_idx" ON "items" ("name", "id")`);
    await runner.query(`CREATE INDEX "items_updated_at_id_idx" ON "items" ("updated_at", "id")`);
    await runner.query(`CREATE INDEX "items_created_at_id_idx" ON "items" ("created_at", "id")`);
    await runner.query(
      `ALTER TABLE "items" ADD CONSTRAINT "items_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "items" DROP CONSTRAINT "items_owner_id_fkey"`);
    await runner.query(`DROP INDEX "public"."items_created_at_id_idx"`);
    await runner.query(`DROP INDEX "public"."items_updated_at_id_idx"`);
    await runner.query(`DROP INDEX "public"."items_name_id_idx"`);
    await runner.query(`DROP INDEX "public"."items_price_id_idx"`);
    await runner.query(`DROP INDEX "public"."items_owner_id_created_at_id_idx"`);
    await runner.query(`DROP INDEX "public"."items_search_idx"`);
    await runner.query(`DROP INDEX "public"."items_terms_idx"`);
    await runner.query(`DROP INDEX "public"."items_tags_idx"`);
    await runner.query(`DROP INDEX "public"."items_stock_idx"`);
    await runner.query(`DROP INDEX "public"."items_currency_idx"`);
    await runner.query(`DROP TABLE "items"`);
    await runner.query(
      `DELETE FROM "typeorm_metadata" WHERE "type" = 'GENERATED_COLUMN' AND "name" = 'search' AND "database" = current_database() AND "schema" = 'public' AND "table" = 'items'`,
    );
    await runner.query(
      `DELETE FROM "typeorm_metadata" WHERE "type" = 'GENERATED_COLUMN' AND "name" = 'terms' AND "database" = current_database() AND "schema" = 'public' AND "table" = 'items'`,
    );
  }
}
