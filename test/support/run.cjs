// Builds the service if need be and runs a check, which is TypeScript: `node test/support/run.cjs coherence/check --short`.
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { join } = require('node:path');
const { compile } = require('./compile.cjs');

Module._extensions['.ts'] = (module, path) =>
  module._compile(compile(readFileSync(path, 'utf8'), path, 'inline'), path);

const [check] = process.argv.splice(2, 1);
import('../../apps/api/run.mjs').then(({ ensureBuilt }) => {
  ensureBuilt();
  require(join(__dirname, '..', `${check}.ts`));
});
