import { ConfigError } from '@app/config';
import { UnfitDatabase } from '@app/database';
import { EmbeddedPostgresError } from '@app/embedded-postgres';

const EXPECTED = [ConfigError, UnfitDatabase, EmbeddedPostgresError];

/** Why a process can't go on: one sentence if its user can do something about it, else all there is to know. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port, syscall } = error as NodeJS.ErrnoException & { port?: number };
  // In a worker, it is the supervisor that binds.
  const isOfListening = syscall === 'listen' || syscall === 'bind';
  if (isOfListening && code === 'EADDRINUSE')
    return `Port ${port} is taken: stop the program that uses it, or set PORT to another one.`;
  if (isOfListening && code === 'EACCES') return `This user may not open port ${port}: set PORT to one above 1023.`;
  if (syscall === 'getaddrinfo') return `HOST cannot be resolved (${code}): give an address of this machine.`;
  if (isOfListening) return `The service cannot listen (${code}): check HOST and PORT.`;
  const isExpected =
    EXPECTED.some((type) => error instanceof type) ||
    code?.startsWith('ERR_PARSE_ARGS') ||
    /ADMIN_PORT/.test(error.message);
  return isExpected ? error.message : (error.stack ?? error.message);
}

/** Ends the process with the reason on standard error. */
export function fail(error: unknown): never {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exit(1);
}
