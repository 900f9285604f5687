// Builds the service if need be and runs the checker; TypeScript is compiled as it is required, in the way the build does.
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { compile } = require('./compile.cjs');

Module._extensions['.ts'] = (module, path) =>
  module._compile(compile(readFileSync(path, 'utf8'), path, 'inline'), path);

import('../../apps/api/run.mjs').then(({ ensureBuilt }) => {
  ensureBuilt();
  require('./check.ts');
});
