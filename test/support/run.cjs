// Builds the service if need be and runs a check, which is TypeScript: `node test/support/run.cjs coherence/check --short`.
// After `--with-postgres` comes one that exports `check`, for which the server of the tests is started, unless it only lists.
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { join } = require('node:path');
const { compile } = require('./compile.cjs');
const start = require('./global-setup.cjs');
const stop = require('./global-teardown.cjs');

Module._extensions['.ts'] = (module, path) =>
  module._compile(compile(readFileSync(path, 'utf8'), path, 'inline'), path);

const isWithPostgres = process.argv[2] === '--with-postgres';
if (isWithPostgres) process.argv.splice(2, 1);
const [check] = process.argv.splice(2, 1);
const path = join(__dirname, '..', `${check}.ts`);

async function run() {
  if (!isWithPostgres) {
    (await import('../../apps/api/run.mjs')).ensureBuilt();
    return void require(path);
  }
  if (process.argv.includes('--list')) process.exit(await require(path).check());
  await start();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().finally(() => process.exit(130)));
  const code = await require(path)
    .check()
    .finally(() => stop());
  process.exit(code);
}

void run();
