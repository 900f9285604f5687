// Starts the servers that tests use and runs the check; TypeScript is compiled as it is required, in the way the build does.
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { compile } = require('../../support/compile.cjs');
const start = require('../../support/global-setup.cjs');
const stop = require('../../support/global-teardown.cjs');

Module._extensions['.ts'] = (module, path) =>
  module._compile(compile(readFileSync(path, 'utf8'), path, 'inline'), path);

async function run() {
  await start();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().finally(() => process.exit(130)));
  try {
    return await require('./check.ts').check();
  } finally {
    await stop();
  }
}

run().then((code) => process.exit(code));
