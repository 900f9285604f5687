// Knows what the schema should be: finds, runs and writes migrations.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ClientBase } from 'pg';
import { type DataSource, MigrationExecutor, type MigrationInterface } from 'typeorm';
import { allow } from './patience';
import { countingEnds } from './versions';

export type MigrationClass = new () => MigrationInterface;

/** Any number: all instances that migrate at the same moment queue up behind this advisory lock. */
const MIGRATION_LOCK = 7_206_314;

const VERSION = ['version', 'updated_at'];

/** Where TypeORM notes generated columns; it makes the table only in a process that has imported such an entity. */
const METADATA_TABLE = `CREATE TABLE IF NOT EXISTS "typeorm_metadata" ("type" character varying NOT NULL, "database" character varying,
  "schema" character varying, "table" character varying, "name" character varying, "value" text)`;

/** The migration classes of a folder's files, in the order of their names. */
export function loadMigrations(folder: string): MigrationClass[] {
  // Jest replaces `require` in modules that it compiles; elsewhere this file's own one is as good.
  const load = typeof require === 'function' ? require : createRequire(__filename);
  return readdirSync(folder)
    .filter((name) => /^\d{13}-.+(?<!\.d)\.[jt]s$/.test(name))
    .sort()
    .flatMap((name) => Object.values(load(join(folder, name)) as Record<string, MigrationClass>));
}

/** Names of the migrations that the database lacks. */
export async function pendingMigrations(dataSource: DataSource): Promise<string[]> {
  const pending = await new MigrationExecutor(dataSource).getPendingMigrations();
  return pending.map(({ name }) => name);
}

/** Runs what is pending, each migration in a transaction of its own; returns the names of those that ran. */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  const runner = dataSource.createQueryRunner();
  const client = (await runner.connect()) as ClientBase;
  allow(client, 0);
  try {
    await runner.query(`SET statement_timeout = 0; SET lock_timeout = 0`);
    await runner.query(`SELECT pg_advisory_lock(${MIGRATION_LOCK})`);
    await runner.query(METADATA_TABLE);
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = 'each';
    const done = await executor.executePendingMigrations();
    return done.map(({ name }) => name);
  } finally {
    await runner.query(`SELECT pg_advisory_unlock_all()`);
    await runner.query(`RESET statement_timeout; RESET lock_timeout`);
    allow(client, undefined);
    await runner.release();
  }
}

/** The same over connections of its own, which are closed then. */
export async function migrateOver(dataSource: DataSource): Promise<void> {
  await dataSource.initialize();
  try {
    await migrate(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

export interface GeneratedMigration {
  readonly fileName: string;
  readonly source: string;
}

/**
 * The source of a migration that makes the database equal to the entities; undefined when it already is.
 * @param name kebab-case, for example `create-orders`
 */
export async function generateMigration(
  dataSource: DataSource,
  name: string,
  now = Date.now(),
): Promise<GeneratedMigration | undefined> {
  const { upQueries, downQueries } = await dataSource.driver.createSchemaBuilder().log();
  if (upQueries.length === 0) return undefined;
  const tables = tablesMadeBy(upQueries, /"id" /);
  const className = name.replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());
  const statement = ({ query, parameters = [] }: Query) =>
    `    await runner.query(${quoted(withLiterals(query, parameters, dataSource.driver.database))});`;
  // What a new table is asked for may be cached: who changes it must be noticed, and the version that its entity tags name counted.
  const versioned = tablesVersionedBy(upQueries, dataSource);
  const ends = versioned.filter((table) => !tablesMadeBy(upQueries, /./).includes(table)).map(countingEnds);
  const calls = [
    ...ginIndexesMadeBy(upQueries).map((index) => `    await cleanGinIndexOften(runner, '${index}');`),
    ...versioned.map((table) => `    await countVersions(runner, '${table}');`),
    ...tables.map((table) => `    await logChanges(runner, '${table}');`),
  ];
  const imports = [
    ...(ginIndexesMadeBy(upQueries).length > 0 ? ['cleanGinIndexOften'] : []),
    ...(versioned.length > 0 ? ['countVersions'] : []),
    ...(tables.length > 0 ? ['logChanges'] : []),
  ].join(', ');
  const source = `${imports && `import { ${imports} } from '@app/database';\n`}import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ${className}${now} implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
${[...upQueries.map(statement), ...calls].join('\n')}
  }

  async down(runner: QueryRunner): Promise<void> {
${[...ends.map((query) => ({ query })), ...[...downQueries].reverse()].map(statement).join('\n')}
  }
}
`;
  return { fileName: `${now}-${name}.ts`, source };
}

/** Those that have such columns. */
const tablesMadeBy = (queries: readonly Query[], columns: RegExp): string[] =>
  queries.flatMap(({ query }) => {
    const [, table, body = ''] = /^CREATE TABLE "(\w+)" \((.*)/.exec(query) ?? [];
    return table !== undefined && columns.test(body) ? [table] : [];
  });

/** Those that are made with a version and its time, or get one of them to the other. */
function tablesVersionedBy(queries: readonly Query[], { entityMetadatas }: DataSource): string[] {
  const touching = /^(?:CREATE TABLE "(\w+)" |ALTER TABLE "(\w+)" ADD "(?:version|updated_at)" )/;
  const touched = new Set(queries.flatMap(({ query }) => touching.exec(query)?.slice(1) ?? []));
  return entityMetadatas
    .filter(({ tableName }) => touched.has(tableName))
    .filter(({ columns }) => VERSION.every((name) => columns.some(({ databaseName }) => databaseName === name)))
    .map(({ tableName }) => tableName);
}

const ginIndexesMadeBy = (queries: readonly Query[]): string[] =>
  queries.flatMap(({ query }) => /^CREATE INDEX "(\w+)" .* USING gin /i.exec(query)?.[1] ?? []);

interface Query {
  query: string;
  parameters?: unknown[];
}

/** TypeORM notes generated columns under the database's name, which differs from server to server. */
function withLiterals(query: string, parameters: unknown[], database: string | undefined): string {
  return query
    .trim()
    .replace('"  (', '" (')
    .replace(/\$(\d+)/g, (_, number: string) => {
      const value = String(parameters[Number(number) - 1]);
      return value === database ? 'current_database()' : `'${value.replaceAll("'", "''")}'`;
    });
}

const quoted = (query: string): string => `\`${query.replace(/[\\`]|\$\{/g, '\\$&')}\``;
