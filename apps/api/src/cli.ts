import 'reflect-metadata';
import { runConfig } from './commands/config';
import type { Command } from './commands/context';
import { runExport } from './commands/export';
import { runImport } from './commands/import';
import { runMigrate, runMigration } from './commands/migrate';
import { runOpenapi } from './commands/openapi';
import { runSeed } from './commands/seed';
import { fail } from './failure';

const COMMANDS: Record<string, Command> = {
  config: runConfig,
  export: runExport,
  import: runImport,
  migrate: runMigrate,
  migration: runMigration,
  openapi: runOpenapi,
  seed: runSeed,
};

async function run([name = '', ...args]: string[]): Promise<number> {
  const command = COMMANDS[name];
  if (command) return command(args);
  process.stderr.write(`There is no command ${name}; there are ${Object.keys(COMMANDS).join(', ')}.\n`);
  return 1;
}

run(process.argv.slice(2)).then((code) => process.exit(code), fail);
