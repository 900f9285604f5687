// Counts the versions of rows, whoever changes them: entity tags and `If-Match` are only as good as this count.
import type { QueryRunner } from 'typeorm';

/** In a migration, once: the trigger function. */
export async function createVersionCounter(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE FUNCTION count_version() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      NEW.version := OLD.version + 1;
      IF NEW.updated_at = OLD.updated_at THEN NEW.updated_at := now(); END IF;
      RETURN NEW;
    END $$`);
}

export async function dropVersionCounter(runner: QueryRunner): Promise<void> {
  await runner.query(`DROP FUNCTION count_version() CASCADE`);
}

/**
 * In a migration: from now on an update of a row that does not count its `version` itself is counted, and has its `updated_at` set.
 * What counts by itself, as the application does, pays for a comparison only.
 */
export async function countVersions(runner: QueryRunner, table: string): Promise<void> {
  // A table without these would fail at each update instead.
  await runner.query(`SELECT version, updated_at FROM "${table}" LIMIT 0`);
  await runner.query(
    `CREATE TRIGGER "${table}_count_version" BEFORE UPDATE ON "${table}"
     FOR EACH ROW WHEN (NEW.version = OLD.version) EXECUTE FUNCTION count_version()`,
  );
}
