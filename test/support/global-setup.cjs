// Once per run: a real PostgreSQL on a free port, and in it a migrated template that every test file clones.
const { chmodSync, mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

module.exports = async () => {
  const { ensureBuilt } = await import('../../apps/api/run.mjs');
  ensureBuilt();
  const { startEmbeddedPostgres } = require('../../dist/libs/embedded-postgres/src');
  const { createDataSource, loadMigrations, migrate } = require('../../dist/libs/database/src');
  const { Telemetry } = require('../../dist/libs/telemetry/src');

  const directory = mkdtempSync(join(tmpdir(), 'floodgate-test-'));
  // Open to the user that PostgreSQL runs as, or root's data would be kept elsewhere.
  chmodSync(directory, 0o755);
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: 200 };
  const server = await startEmbeddedPostgres({ directory, database: 'template_floodgate', settings });
  globalThis.postgres = { server, directory };
  try {
    await migrateTemplate(server.url);
  } catch (error) {
    await require('./global-teardown.cjs')();
    throw error;
  }
  process.env.TEST_TEMPLATE_URL = server.url;

  async function migrateTemplate(url) {
    const migrations = loadMigrations(join(__dirname, '../../dist/apps/api/migrations'));
    const dataSource = createDataSource({ url, poolSize: 1, migrations, telemetry: new Telemetry() });
    await dataSource.initialize();
    await migrate(dataSource);
    await dataSource.destroy();
  }
};
