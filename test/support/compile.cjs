// One TypeScript file to CommonJS, with the options of the build.
const { join } = require('node:path');
const { transformSync } = require('@swc/core');

const root = join(__dirname, '../..');

/**
 * @param {string} source
 * @param {string} filename absolute: imports of libs become relative to it
 * @param {false | 'inline'} sourceMaps
 */
exports.compile = (source, filename, sourceMaps) =>
  transformSync(source, {
    filename,
    swcrc: false,
    sourceMaps,
    module: { type: 'commonjs' },
    jsc: {
      target: 'es2021',
      parser: { syntax: 'typescript', decorators: true, dynamicImport: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      keepClassNames: true,
      baseUrl: root,
      paths: { '@app/*': ['./libs/*/src/index.ts'] },
    },
  }).code;
