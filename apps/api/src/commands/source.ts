import { join } from 'node:path';
import { loadConfig } from '@app/config';
import { createDataSource, type DataSource, loadMigrations } from '@app/database';
import { Telemetry } from '@app/telemetry';
import type { Settings } from '../app.module';
import { fail } from '../failure';
import { openResources } from '../resources';

const MIGRATIONS = join(__dirname, '../../migrations');

/** Runs work with the database alone, whatever its schema is, and cleans up after it. */
export async function withDataSource(
  work: (dataSource: DataSource, settings: Settings) => Promise<number>,
): Promise<number> {
  const { settings, release } = await openResources(loadConfig(), fail);
  const dataSource = createDataSource({
    url: settings.databaseDirectUrl ?? settings.databaseUrl,
    poolSize: 1,
    migrations: loadMigrations(MIGRATIONS),
    telemetry: new Telemetry(),
  });
  try {
    await dataSource.initialize();
    return await work(dataSource, settings);
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
    await release();
  }
}
