// Makes the secrets that an embedded installation was not given, once, and keeps them in its data folder.
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError } from './config-error';
import type { Config } from './variables';

/**
 * The same configuration with `jwtSecret` filled in: from `dataDir`/jwt-secret (mode 0600), which is made when absent.
 * Processes that start at the same moment get the same secret.
 * @throws ConfigError when that file is damaged, or cannot be read or made.
 */
export function ensureSecrets(config: Config): Config & { readonly jwtSecret: string } {
  return Object.freeze({ ...config, jwtSecret: config.jwtSecret ?? keptSecret(join(config.dataDir, 'jwt-secret')) });
}

function keptSecret(path: string): string {
  try {
    if (!existsSync(path)) makeSecret(path);
    return readSecret(path);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`DATA_DIR must be a folder that this user can write to (its file jwt-secret: ${code})`);
  }
}

function makeSecret(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}`;
  try {
    writeFileSync(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flush: true });
    // A link appears whole and never replaces: a process that comes second finds the secret of the first.
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readSecret(path: string): string {
  const [secret] = /^[\w-]{43}(?=\n?$)/.exec(readFileSync(path, 'utf8')) ?? [];
  if (secret !== undefined) return secret;
  throw new ConfigError(
    'DATA_DIR holds a damaged jwt-secret: put the file back, or delete it and run `npm run keys -- rotate --now` to get a new one',
  );
}
