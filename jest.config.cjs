// Nest 12 and some libraries are ESM, which Jest cannot require() below Node 24.9: those packages are compiled too.
const compiler = (parser) => [
  '@swc/jest',
  {
    swcrc: false,
    jsc: {
      target: 'es2022',
      parser,
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  },
];

const esmPackages = [
  '@nestjs',
  'cache-manager',
  'keyv',
  '@keyv',
  '@cacheable',
  'hookified',
  'jose',
  'uuid',
  'sql-template-tag',
];

/** @type {import('jest').Config} */
module.exports = {
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts', '**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/fixtures/'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.floodgate'],
  cacheDirectory: '<rootDir>/.cache/jest',
  transform: {
    '^.+\\.ts$': compiler({ syntax: 'typescript', decorators: true }),
    '^.+\\.m?js$': compiler({ syntax: 'ecmascript' }),
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmPackages.join('|')})/)`],
  moduleNameMapper: { '^@app/([^/]+)$': '<rootDir>/libs/$1/src/index.ts', '^(\\.{1,2}/.+)\\.js$': ['$1.js', '$1'] },
  globalSetup: '<rootDir>/test/support/global-setup.cjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.cjs',
  // Jest leaves a core free unless told otherwise: on two, that is half of them.
  maxWorkers: '100%',
  // A worker keeps something of each suite, and collects its garbage ever more slowly.
  workerIdleMemoryLimit: '500MB',
  testTimeout: 30_000,
};
