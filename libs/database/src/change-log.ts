// The change log: triggers write down, in the transaction that makes a change, which rows a statement changed.
import type { QueryRunner } from 'typeorm';

/** More rows than this in one statement are logged as `table:*`. */
const MAX_TAGS = 1_000;

const EVENTS = ['insert', 'update', 'delete', 'truncate'] as const;
const TRANSITIONS = {
  insert: 'REFERENCING NEW TABLE AS after',
  update: 'REFERENCING OLD TABLE AS before NEW TABLE AS after',
  delete: 'REFERENCING OLD TABLE AS after',
  truncate: '',
} as const;

/**
 * In a migration, once: the log and the trigger function. The function runs with its owner's rights, so that whoever may change
 * a logged table need not be given the log. A mark says that by some time every transaction below its horizon had ended.
 */
export async function createChangeLog(runner: QueryRunner): Promise<void> {
  const [{ schema }] = (await runner.query(`SELECT quote_ident(current_schema()) AS schema`)) as [{ schema: string }];
  await runner.query(`
    CREATE TABLE change_log (
      id bigint GENERATED ALWAYS AS IDENTITY,
      xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
      tags text[] NOT NULL
    )`);
  await runner.query(`CREATE INDEX change_log_xid_idx ON change_log (xid)`);
  await runner.query(`
    CREATE TABLE change_log_marks (
      horizon xid8 NOT NULL DEFAULT pg_snapshot_xmin(pg_current_snapshot()),
      seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )`);
  await runner.query(`INSERT INTO change_log_marks DEFAULT VALUES`);
  await runner.query(`
    CREATE FUNCTION log_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE tags text[];
    BEGIN
      IF TG_OP = 'TRUNCATE' THEN
        tags := ARRAY[TG_TABLE_NAME || ':*'];
      ELSIF TG_OP = 'UPDATE' THEN
        SELECT array_agg(TG_TABLE_NAME || ':' || id) INTO tags
        FROM (SELECT id FROM before UNION SELECT id FROM after LIMIT ${MAX_TAGS + 1}) AS changed;
      ELSE
        SELECT array_agg(TG_TABLE_NAME || ':' || id) INTO tags FROM (SELECT id FROM after LIMIT ${MAX_TAGS + 1}) AS changed;
      END IF;
      IF cardinality(tags) > ${MAX_TAGS} THEN tags := ARRAY[TG_TABLE_NAME || ':*']; END IF;
      IF tags IS NOT NULL THEN INSERT INTO ${schema}.change_log (tags) VALUES (tags); END IF;
      RETURN NULL;
    END $$`);
  // Whoever may make a trigger of it could have the owner log what he likes, and call casts of his own.
  await runner.query(`REVOKE ALL ON FUNCTION log_change() FROM PUBLIC`);
}

export async function dropChangeLog(runner: QueryRunner): Promise<void> {
  await runner.query(`DROP FUNCTION log_change() CASCADE`);
  await runner.query(`DROP TABLE change_log_marks`);
  await runner.query(`DROP TABLE change_log`);
}

/** In a migration: from now on every statement that changes the table is logged, whoever sends it. Its rows are known by `id`. */
export async function logChanges(runner: QueryRunner, table: string): Promise<void> {
  // A table without an id would fail at each write instead.
  await runner.query(`SELECT id FROM "${table}" LIMIT 0`);
  for (const event of EVENTS)
    await runner.query(
      `CREATE TRIGGER "${table}_log_${event}" AFTER ${event} ON "${table}" ${TRANSITIONS[event]}
       FOR EACH STATEMENT EXECUTE FUNCTION log_change()`,
    );
}

/** A query for the tables all of whose changes are logged, as `name`. */
export const LOGGED_TABLES = `
  SELECT c.relname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  WHERE t.tgfoid = to_regproc('log_change') AND t.tgenabled IN ('O', 'A')
  GROUP BY c.oid, c.relname HAVING count(*) = ${EVENTS.length}`;
