import { type Config, loadConfig } from '@app/config';
import { createLogger, NestLogger } from '@app/telemetry';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module';
import { fail } from '../failure';
import { ensureFirstAccounts } from '../first-accounts';
import { openResources } from '../resources';

export interface CommandContext {
  readonly app: INestApplicationContext;
  readonly config: Config;
}

/** A command: answers the exit code of its process. */
export type Command = (args: string[]) => Promise<number>;

/** Runs work with all modules and a migrated database, beside a running service or without one, and cleans up after it. */
export async function withApplication(work: (context: CommandContext) => Promise<number>): Promise<number> {
  const config = loadConfig();
  const { settings, release } = await openResources(config, fail);
  const logger = createLogger({
    logLevel: config.logLevel === 'info' ? 'warn' : config.logLevel,
    destination: process.stderr,
  });
  try {
    const app = await NestFactory.createApplicationContext(AppModule.with({ ...settings, logger }), {
      logger: new NestLogger(logger),
      abortOnError: false,
    });
    try {
      const { generatedPassword } = await ensureFirstAccounts(app, config);
      if (generatedPassword !== undefined)
        process.stderr.write(
          `Administrator: ${config.adminEmail} with the password ${generatedPassword} (shown only this once)\n`,
        );
      return await work({ app, config });
    } finally {
      await app.close();
    }
  } finally {
    await release();
  }
}
