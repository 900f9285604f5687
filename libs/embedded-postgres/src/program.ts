// Starts a PostgreSQL program as the right user, in an environment where nothing of the caller's leaks in.
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Binaries } from './binaries';
import { EmbeddedPostgresError, explainOutput } from './errors';
import type { Home } from './home';

/** Spawned, or refused with a sentence. `detached`: Ctrl-C in the terminal does not reach it. */
export async function spawnProgram(
  { native }: Binaries,
  { folder, user }: Home,
  [name, ...args]: [name: string, ...args: string[]],
  options: { stdio: StdioOptions; detached?: boolean },
): Promise<ChildProcess> {
  const path = join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  // The messages are read by machine, hence LC_ALL; without TZ, initdb searches the whole time zone database.
  const env = { LC_ALL: 'C', TZ: 'UTC' };
  try {
    const child = spawn(path, args, { ...options, ...user, cwd: folder, env, windowsHide: true });
    await once(child, 'spawn');
    return child;
  } catch (cause) {
    throw refused(path, (cause as NodeJS.ErrnoException).code, cause);
  }
}

/** Runs to the end. */
export async function runProgram(binaries: Binaries, home: Home, command: [string, ...string[]]): Promise<void> {
  const child = await spawnProgram(binaries, home, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw explainOutput(command[0], output, home.folder);
}

function refused(path: string, code: string | undefined, cause: unknown): EmbeddedPostgresError {
  // The file is there: what is missing is the dynamic loader that it names.
  const sentence =
    code === 'ENOENT'
      ? `The bundled PostgreSQL needs glibc, which this system does not have (Alpine and others use musl): give the URL of a PostgreSQL server with DATABASE_URL`
      : code === 'EPERM'
        ? `PostgreSQL does not run as root, and this root may not start programs as another user: start as another user, or give the URL of a PostgreSQL server with DATABASE_URL`
        : `The program ${path} cannot be started (${code}): allow it (a mount with noexec forbids it), or give the URL of a PostgreSQL server with DATABASE_URL`;
  return new EmbeddedPostgresError(sentence, { cause });
}
