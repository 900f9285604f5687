// Environment in, frozen configuration out; everything that is wrong is said at once.
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigError } from './config-error';
import { defaultOf, rows, type Config, type Row } from './variables';

/**
 * Reads the configuration out of the environment, and of `.env` in the working directory, over which the environment wins:
 * `DATABASE_URL= npm start` leaves out what `.env` says. A given `environment` is taken alone.
 * @throws ConfigError naming every variable that is malformed or missing.
 */
export function loadConfig(environment: NodeJS.ProcessEnv = { ...readEnvFile(), ...process.env }): Config {
  const isGiven = (name: string) => textOf(environment, rowNamed(name)) !== undefined;
}
