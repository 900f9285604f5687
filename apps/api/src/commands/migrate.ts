import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generateMigration, migrate } from '@app/database';
import '../app.module';
import type { Command } from './context';
import { withDataSource } from './source';

/** `npm run migrate`: brings the schema of the database up to date. */
export const runMigrate: Command = () =>
  withDataSource(async (dataSource) => {
    const done = await migrate(dataSource);
    process.stdout.write(done.length > 0 ? `Migrated: ${done.join(', ')}.\n` : 'The schema is up to date.\n');
    return 0;
  });

/** `npm run migration -- create-orders`: writes a migration that makes the schema equal to the entities. */
export const runMigration: Command = (args) => {
  const [name] = parseArgs({ args, allowPositionals: true }).positionals;
  if (name === undefined || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    process.stderr.write('Say what it does, in lower case with hyphens: npm run migration -- create-orders\n');
    return Promise.resolve(1);
  }
  // TypeORM compares tables by queries that overlap on one connection, of which pg warns.
  process.noDeprecation = true;
  return withDataSource(async (dataSource) => {
    await migrate(dataSource);
    const migration = await generateMigration(dataSource, name);
    if (!migration) {
      process.stdout.write('The entities say nothing new: no migration is needed.\n');
      return 0;
    }
    const folder = join(process.cwd(), 'apps/api/migrations');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, migration.fileName), migration.source);
    process.stdout.write(
      `Wrote apps/api/migrations/${migration.fileName}: read it, then run it with npm run migrate.\n`,
    );
    return 0;
  });
};
