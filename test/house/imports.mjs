// Which way imports go, as settings and policies of eslint-plugin-boundaries: of all that match, the last one decides.
import { fileURLToPath } from 'node:url';

export const TEST_FILES = ['**/*.{test,spec,fixture}.ts', '{test,libs/*/test}/**/*.ts'];

/** A file has each category whose pattern it matches: its layer, and the role that its suffix says. */
const categories = [
  { category: 'start', pattern: 'apps/api/src/{main,worker,cli}.ts' },
  {
    category: 'assembly',
    pattern: ['apps/api/src/!(main|worker|cli|app.module|platform).ts', 'apps/api/src/commands/**'],
  },
  { category: 'contents', pattern: 'apps/api/src/{app.module,platform}.ts' },
  { category: 'feature', pattern: 'apps/api/src/!(commands)/**/*', capture: ['feature'] },
  { category: 'migration', pattern: 'apps/api/migrations/*' },
  { category: 'bench', pattern: 'apps/bench/src/**' },
  { category: 'baseline', pattern: 'apps/bench/baselines/**' },
  { category: 'lib', pattern: 'libs/*/**', capture: ['lib'] },
  { category: 'test', pattern: TEST_FILES },
  ...['module', 'controller', 'dto', 'service', 'repository', 'entity'].map((role) => ({
    category: role,
    pattern: `**/*.${role}.ts`,
  })),
];

export const boundarySettings = {
  'boundaries/root-path': fileURLToPath(new URL('../..', import.meta.url)),
  'boundaries/files': categories,
  'boundaries/dependency-nodes': ['import', 'export', 'dynamic-import'],
  'boundaries/additional-dependency-nodes': [{ selector: 'TSImportType > Literal', kind: 'type', name: 'import-type' }],
  'boundaries/legacy-templates': false,
  'import/resolver': { [fileURLToPath(new URL('resolver.cjs', import.meta.url))]: {} },
};

const files = (...anyOf) => ({ file: { categories: { anyOf } } });
const packages = (...source) => ({ module: { source } });
const lib = (...names) => ({ file: { categories: 'lib', captured: { lib: names } } });

const layer = (name, ...below) => ({ from: files(name), allow: { to: files(...below) } });

/** Libs that a lib may import; it is not listed itself, since its own files are imported by relative path. */
const uses = (name, ...others) => ({
  from: lib(name),
  allow: { to: packages(...others.map((other) => `@app/${other}`)) },
});

/** Packages that nobody imports but `from`. */
const only = (sources, from, message) => [
  { disallow: { to: packages(...sources) }, message },
  { from, allow: { to: packages(...sources) } },
];

/** Packages that `from` does not import, whatever holds for others. */
const never = (from, sources, message) => [{ from, disallow: { to: packages(...sources) }, message }];

const policies = [
  { allow: { to: { module: { origin: ['external', 'core'] } } } },

  layer('start', 'assembly', 'contents', 'feature', 'migration'),
  layer('assembly', 'assembly', 'contents', 'feature', 'migration'),
  layer('contents', 'contents', 'feature', 'migration'),
  // The service is measured from outside, and its rivals share no code with what measures them.
  layer('bench', 'bench'),
  layer('baseline', 'baseline'),

  {
    from: files('feature'),
    disallow: { to: files('feature') },
    message: 'A feature imports only *.module and *.service of another: ask its service for what you need.',
  },
  {
    from: files('feature'),
    allow: {
      to: [
        { file: { categories: 'feature', captured: { feature: '{{ from.file.captured.feature }}' } } },
        { file: { categories: { allOf: ['feature'], anyOf: ['module', 'service'] } } },
      ],
    },
  },

  { disallow: { to: files('lib') }, message: 'A lib has one door: import it as @app/<lib>.' },
  { from: files('lib'), allow: { to: lib('{{ from.file.captured.lib }}') } },
  {
    from: files('lib'),
    disallow: { to: packages('@app/*') },
    message:
      'Libs import config ← telemetry ← database ← http, caching all of these, limits caching, rows http, outbound, embedded-postgres and sealing none; ' +
      'their own files by relative path. Turn the dependency round: let the caller pass in what is needed.',
  },
  uses('telemetry', 'config'),
  uses('database', 'config', 'telemetry'),
  uses('http', 'config', 'telemetry', 'database'),
  uses('mail', 'config', 'telemetry', 'database'),
  uses('caching', 'config', 'telemetry', 'database', 'http'),
  uses('rows', 'http'),
  uses('limits', 'config', 'telemetry', 'http', 'caching'),
  {
    disallow: { to: { module: { source: '@app/*', internalPath: '**' } } },
    message: 'A lib has one door: import @app/<lib>, and export there what is missing.',
  },

  ...only(
    ['typeorm', '@nestjs/typeorm'],
    [files('entity', 'repository', 'module', 'migration', 'baseline'), lib('database')],
    'TypeORM stays in *.entity, *.repository, *.module, migrations and libs/database: ask the repository.',
  ),
  ...only(
    ['@nestjs/swagger'],
    [files('controller', 'dto'), lib('http')],
    'What is said in OpenAPI stands in *.controller, *.dto and libs/http.',
  ),
  ...only(
    ['redis', '@redis/*', 'ioredis', '@keyv/redis', 'cache-manager-redis-yet'],
    [files('baseline'), lib('caching')],
    'Only libs/caching talks to Redis: use what @app/caching exports.',
  ),
  ...never(
    files('service'),
    ['typeorm', '@nestjs/typeorm', 'pg', 'pg-*', 'fastify', '@fastify/*', '@nestjs/platform-fastify'],
    'A service knows neither HTTP nor SQL: that is asked of the controller or the repository.',
  ),

  { disallow: { to: files('test') }, message: 'Production code does not import tests or what supports them.' },
];

export const boundaryRules = {
  'boundaries/no-unknown-files': 'error',
  'boundaries/dependencies': [
    'error',
    {
      default: 'disallow',
      checkAllOrigins: true,
      checkUnknownLocals: true,
      message: 'Imports go main → create-app, commands → app.module → features → @app/<lib>, never upwards.',
      policies,
    },
  ],
};
