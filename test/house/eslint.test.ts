import { spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';

interface Report {
  readonly rule: string | null;
  readonly message: string;
}

const SERVICE = 'apps/api/src/items/items.service.ts';
const REPOSITORY = 'apps/api/src/items/items.repository.ts';
const CONTROLLER = 'apps/api/src/items/items.controller.ts';
const COMMAND = 'apps/api/src/commands/seed.ts';

const UPWARDS = /never upwards/;
const ONE_DOOR = /one door/;
const OTHER_FEATURE = /ask its service/;
const LIB_ORDER = /config ← telemetry/;
const TEST = /does not import tests/;
const TYPEORM = /ask the repository/;
const OPENAPI = /said in OpenAPI/;
const REDIS = /@app\/caching exports/;
const SERVICE_KNOWS = /neither HTTP nor SQL/;
const ENVIRONMENT = /take it from the Config/;

/** What a file imports, and the hint with which that is refused; null: it may. */
const imports: [file: string, source: string, hint: RegExp | null][] = [
  ['apps/api/src/main.ts', './create-app', null],
  ['apps/api/src/main.ts', './app.module', null],
  ['apps/api/src/main.ts', './cli', UPWARDS],
  ['apps/api/src/cli.ts', './commands/seed', null],
  ['apps/api/src/create-app.ts', './main', UPWARDS],
  ['apps/api/src/create-app.ts', './app.module', null],
  ['apps/api/src/create-app.ts', '../../../tools/run.mjs', UPWARDS],
  [COMMAND, '../create-app', null],
  [COMMAND, '../items/items.import', null],
  [COMMAND, '../../migrations/1767225600000-items', null],
  [COMMAND, '@app/database', null],
  ['apps/api/src/app.module.ts', './items/items.module', null],
  ['apps/api/src/app.module.ts', '@app/http', null],
  ['apps/api/src/app.module.ts', './create-app', UPWARDS],
  ['apps/bench/src/world.ts', '../../api/src/create-app', UPWARDS],
  [SERVICE, '../app.module', UPWARDS],
  [SERVICE, '../create-app', UPWARDS],
  [SERVICE, '../commands/seed', UPWARDS],
  [SERVICE, '../../migrations/1767225600000-items', UPWARDS],
  ['apps/api/migrations/1767225600000-items.ts', '../src/items/item.entity', UPWARDS],
  ['libs/database/src/database.ts', '../../../apps/api/src/items/items.service', UPWARDS],

  [SERVICE, './items.repository', null],
  [SERVICE, '../users/users.service', null],
  ['apps/api/src/items/items.module.ts', '../users/users.module', null],
  [SERVICE, '../users/user.entity', OTHER_FEATURE],
  [SERVICE, '../users/users.repository', OTHER_FEATURE],
  [CONTROLLER, '../users/users.controller', OTHER_FEATURE],
  [CONTROLLER, '../users/users.dto', OTHER_FEATURE],
  [SERVICE, '../users/users.import', OTHER_FEATURE],

  ['libs/database/src/database.ts', './keyset', null],
  ['libs/database/src/lanes/lane.ts', '../keyset', null],
  ['libs/database/src/database.ts', '@app/database', LIB_ORDER],
  ['libs/database/src/database.ts', '../../config/src/load', ONE_DOOR],
  [SERVICE, '../../../../libs/config/src', ONE_DOOR],
  [SERVICE, '@app/config/src/load', ONE_DOOR],
  ['libs/config/src/load.ts', '@app/telemetry', LIB_ORDER],
  ['libs/telemetry/src/log.ts', '@app/config', null],
  ['libs/telemetry/src/log.ts', '@app/database', LIB_ORDER],
  ['libs/database/src/database.ts', '@app/telemetry', null],
  ['libs/database/src/database.ts', '@app/http', LIB_ORDER],
  ['libs/http/src/problem.ts', '@app/database', null],
  ['libs/http/src/problem.ts', '@app/caching', LIB_ORDER],
  ['libs/caching/src/caches.ts', '@app/http', null],
  ['libs/embedded-postgres/src/server.ts', '@app/config', LIB_ORDER],

  [SERVICE, './items.test', TEST],
  [SERVICE, './items.import.fixture', TEST],
  ['apps/api/src/create-app.ts', '../../../test/support/boot', TEST],
  ['libs/http/src/problem.ts', './problem.spec', TEST],
  ['apps/api/src/items/items.test.ts', '../users/user.entity', null],
  ['apps/api/src/items/items.test.ts', '../../../../test/support/boot', null],
  ['test/contract/items.test.ts', '../../libs/config/src/load', null],
  ['test/contract/items.test.ts', 'typeorm', null],

  ['apps/api/src/items/item.entity.ts', 'typeorm', null],
  ['apps/api/src/items/items.module.ts', 'typeorm', null],
  [REPOSITORY, 'typeorm', null],
  ['apps/api/migrations/1767225600000-items.ts', 'typeorm', null],
  ['libs/database/src/database.ts', 'typeorm', null],
  [CONTROLLER, 'typeorm', TYPEORM],
  [COMMAND, 'typeorm', TYPEORM],
  ['libs/http/src/problem.ts', 'typeorm/error/QueryFailedError', TYPEORM],
  [CONTROLLER, '@nestjs/swagger', null],
  ['apps/api/src/items/items.dto.ts', '@nestjs/swagger', null],
  ['libs/http/src/openapi.ts', '@nestjs/swagger', null],
  ['apps/api/src/create-app.ts', '@nestjs/swagger', OPENAPI],
  [SERVICE, '@nestjs/swagger', OPENAPI],
  ['libs/caching/src/redis.ts', '@redis/client', null],
  ['libs/http/src/problem.ts', '@redis/client', REDIS],
  [SERVICE, 'ioredis', REDIS],
  [SERVICE, 'typeorm', SERVICE_KNOWS],
  [SERVICE, 'pg', SERVICE_KNOWS],
  [SERVICE, 'fastify', SERVICE_KNOWS],
  [SERVICE, '@nestjs/platform-fastify', SERVICE_KNOWS],
  [SERVICE, '@nestjs/common', null],
  [SERVICE, 'node:crypto', null],
];

/** What else a file says, and the rule that refuses it; null: it may. */
const code: [file: string, code: string, rule: string | null, hint?: RegExp][] = [
  [SERVICE, `export * from 'typeorm';`, 'boundaries/dependencies', SERVICE_KNOWS],
  [SERVICE, `export const pg = import('pg');`, 'boundaries/dependencies', SERVICE_KNOWS],
  [SERVICE, `export type Rows = import('typeorm').EntityManager;`, 'boundaries/dependencies', SERVICE_KNOWS],
  [SERVICE, `export type { User } from '../users/user.entity';`, 'boundaries/dependencies', OTHER_FEATURE],
  [SERVICE, `export const { env } = process;`, 'no-restricted-properties', ENVIRONMENT],
  [SERVICE, `export { env } from 'node:process';`, 'no-restricted-imports', ENVIRONMENT],
  ['apps/api/src/main.ts', `export const home = process.env.HOME;`, 'no-restricted-properties', ENVIRONMENT],
  ['libs/http/src/problem.ts', `export const home = process['env'];`, 'no-restricted-properties', ENVIRONMENT],
  ['libs/config/src/load.ts', `export const home = process.env.HOME;`, null],
  ['test/support/boot.ts', `export const home = process.env.HOME;`, null],
  ['tools/run.mjs', `export const home = process.env.HOME;`, null],
  [SERVICE, `console.log(1);`, 'no-console'],
  ['libs/http/src/problem.ts', `console.error(1);`, 'no-console'],
  [COMMAND, `console.log(1);`, null],
  ['apps/api/src/main.ts', `console.log(1);`, null],
  [SERVICE, `export enum Role { User }`, 'no-restricted-syntax', /union of strings/],
  [SERVICE, `export const isOne = (one: unknown) => one == 1;`, 'eqeqeq'],
  [SERVICE, `export const isAbsent = (one: unknown) => one == null;`, null],
  [SERVICE, `const one = 1;`, '@typescript-eslint/no-unused-vars'],
  [SERVICE, `export const rest = ({ secret, ...rest }: { secret: string }, _: number) => rest;`, null],
  [SERVICE, `export const one: any = 1;`, '@typescript-eslint/no-explicit-any'],
  [SERVICE, `// eslint-disable-next-line eqeqeq\nexport const one = 1;`, null, /Unused eslint-disable/],
  ['tools/run.mjs', `unknown();`, 'no-undef'],
  ['tools/run.mjs', `setTimeout(() => process.exit(), 1);`, null],
  ['jest.config.cjs', `module.exports = require('./package.json');`, null],
];

const FOLDER = 'test/house/fixtures/typed';
const TYPED = ['no-floating-promises', 'no-misused-promises', 'return-await', 'switch-exhaustiveness-check'];

const texts = [
  ...imports.map(([file, source]) => ({ file, code: `import '${source}';` })),
  ...code.map(([file, text]) => ({ file, code: text })),
];
let reports: { texts: Report[][]; folder: Record<string, Report[]> };

beforeAll(() => {
  const input = JSON.stringify({ texts, folder: FOLDER });
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(__dirname, 'lint.mjs')], {
    cwd: join(__dirname, '../..'),
    input,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  reports = JSON.parse(stdout) as typeof reports;
});

it.each(imports.map((row, index) => [...row, index] as const))('%s imports %s: %s', (_file, _source, hint, index) => {
  const expected = hint === null ? [] : [{ rule: 'boundaries/dependencies', message: expect.stringMatching(hint) }];
  expect(reports.texts[index]).toEqual(expected);
});

it.each(code.map((row, index) => [row[0], row[1], row, index] as const))('%s says %s', (_file, _text, row, index) => {
  const [, , rule, hint = /./] = row;
  const isReported = rule !== null || row[3] !== undefined;
  const expected = isReported ? [{ rule, message: expect.stringMatching(hint) }] : [];
  expect(reports.texts[imports.length + index]).toEqual(expected);
});

it.each(TYPED)('%s knows the types', (rule) => {
  const [, found] = Object.entries(reports.folder).find(([path]) => basename(path, '.ts') === rule) ?? [];
  expect(found?.map((report) => report.rule)).toEqual([`@typescript-eslint/${rule}`]);
});
