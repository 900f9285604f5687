import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '@app/config';
import { createDataSource, type DataSource, generateMigration, loadMigrations, migrate } from '@app/database';
import { Telemetry } from '@app/telemetry';
import { mkdirSync, writeFileSync } from 'node:fs';
import '../app.module';
import { fail } from '../failure';
import { openResources } from '../resources';
import type { Command } from './context';

const MIGRATIONS = join(__dirname, '../../migrations');

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

async function withDataSource(work: (dataSource: DataSource) => Promise<number>): Promise<number> {
  const { settings, release } = await openResources(loadConfig(), fail);
  const dataSource = createDataSource({
    url: settings.databaseUrl,
    poolSize: 1,
    migrations: loadMigrations(MIGRATIONS),
    telemetry: new Telemetry(),
  });
  try {
    await dataSource.initialize();
    return await work(dataSource);
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
    await release();
  }
}
