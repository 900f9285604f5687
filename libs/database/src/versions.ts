// Counts the versions of rows, whoever changes them: entity tags and `If-Match` are only as good as this count.
import type { DataSource, QueryRunner } from 'typeorm';
import { UnfitDatabase } from './failures';

const COUNTED_TABLES = `
  SELECT c.relname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  WHERE t.tgfoid = to_regproc('count_version') AND t.tgenabled IN ('O', 'A')`;

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

/** The reverse, which a table that goes does not need. */
export const countingEnds = (table: string): string => `DROP TRIGGER "${table}_count_version" ON "${table}"`;

/** @throws UnfitDatabase if somebody could change rows of an entity that has a version, and leave that as it is */
export async function verifyVersions(dataSource: DataSource): Promise<void> {
  const counted = new Set((await dataSource.query<{ name: string }[]>(COUNTED_TABLES)).map(({ name }) => name));
  for (const { tableName, columns } of dataSource.entityMetadatas)
    if (columns.some(({ databaseName }) => databaseName === 'version') && !counted.has(tableName))
      throw new UnfitDatabase(
        `The table ${tableName} has versions that nobody counts: add \`await countVersions(runner, '${tableName}')\` to a migration.`,
      );
}
