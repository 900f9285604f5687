// Once per run: a real PostgreSQL on a free port, and in it a migrated template that every test file clones.
const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

module.exports = async () => {
  const { ensureBuilt } = await import('../../apps/api/run.mjs');
  ensureBuilt();
  const { startEmbeddedPostgres } = require('../../dist/libs/embedded-postgres/src');
  const { createDataSource, loadMigrations, migrate } = require('../../dist/libs/database/src');
  const { Telemetry } = require('../../dist/libs/telemetry/src');
  // The entities: TypeORM makes its table of generated columns, which migrations write to, only if it knows of any.
  require('../../dist/apps/api/src/app.module');

  const directory = mkdtempSync(join(tmpdir(), 'floodgate-test-'));
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: 200 };
  const server = await startEmbeddedPostgres({ directory, database: 'template_floodgate', settings });
  const dataSource = createDataSource({
    url: server.url,
    poolSize: 1,
    migrations: loadMigrations(join(__dirname, '../../dist/apps/api/migrations')),
    telemetry: new Telemetry(),
  });
  await dataSource.initialize();
  await migrate(dataSource);
  await dataSource.destroy();

  globalThis.postgres = { server, directory };
  process.env.TEST_TEMPLATE_URL = server.url;
};
