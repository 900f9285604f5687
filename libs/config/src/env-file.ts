// Reads a file of NAME=value lines, when there is one.
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigError } from './config-error';

export function readEnvFile(path: string): NodeJS.Dict<string> {
  try {
    // Windows editors put a byte order mark first, which would become part of the first name.
    return parseEnv(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Python keeps a folder of that name.
    if (code === 'ENOENT' || code === 'EISDIR') return {};
    throw new ConfigError(`${path} cannot be read (${code}): make it readable or remove it`);
  }
}
