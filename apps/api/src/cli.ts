import 'reflect-metadata';
import { runConfig } from './commands/config';
import type { Command } from './commands/context';
import { runExport } from './commands/export';
import { runFeeds } from './commands/feeds';
import { runImport } from './commands/import';
import { runKeys } from './commands/keys';
import { runMigrate, runMigration } from './commands/migrate';
import { runOpenapi } from './commands/openapi';
import { runSeed } from './commands/seed';
import { fail } from './failure';

const COMMANDS: Record<string, Command> = {
  config: runConfig,
  export: runExport,
  feeds: runFeeds,
  import: runImport,
  keys: runKeys,
  migrate: runMigrate,
  migration: runMigration,
  openapi: runOpenapi,
  seed: runSeed,
};

const USAGE: Record<string, string> = {
  export:
    'npm run export -- [FILE|-] [--format ndjson|csv] [--q TEXT] [--tag TAG] [--attr KEY:VALUE] …: the filters of GET /v1/items',
  feeds:
    'npm run feeds -- list | add NAME URL [--format ndjson|csv|json] [--clears-missing] | refresh [NAME|ID …] [--watch]: the catalogues of suppliers',
  import: 'npm run import -- FILE|-: NDJSON or CSV, plain or gzip; - is standard input',
  keys: 'npm run keys -- list|rotate [--now]: rotate lets another key take over unnoticed; with --now it ends all access tokens',
  migration: 'npm run migration -- NAME: writes a migration that makes the schema equal to the entities',
  openapi: 'npm run openapi -- [--check]: writes the documents in docs, or says whether they are current',
  seed: 'npm run seed -- [--items N]: the first N demo items are there afterwards',
};

async function run([name = '', ...args]: string[]): Promise<number> {
  const command = COMMANDS[name];
  if (!command) {
    process.stderr.write(`There is no command ${name}; there are ${Object.keys(COMMANDS).join(', ')}.\n`);
    return 1;
  }
  if (!args.includes('--help')) return command(args);
  process.stdout.write(`${USAGE[name] ?? `npm run ${name}`}\n`);
  return 0;
}

run(process.argv.slice(2)).then((code) => process.exit(code), fail);
