// Debian's PostgreSQL, which unlike the embedded one can be copied with pg_basebackup, as the user that its package has made.
import { type ChildProcess, execFileSync, type ExecFileSyncOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const VERSIONS = '/usr/lib/postgresql';
const USER = 'postgres';

export interface Running {
  readonly child: ChildProcess;
  /** What it has logged. */
  readonly said: () => string;
}

/** Where its newest version keeps the programs, of which only those for clients are on the PATH. */
function programs(): string {
  const [newest] = (existsSync(VERSIONS) ? readdirSync(VERSIONS) : [])
    .filter((version) => existsSync(join(VERSIONS, version, 'bin/postgres')))
    .sort((a, b) => Number(b) - Number(a));
  if (newest === undefined) throw new Error(`${VERSIONS} has no server: install Debian's package postgresql.`);
  return join(VERSIONS, newest, 'bin');
}

/** Root may not be who PostgreSQL runs as. */
export function identity(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = ['-u', '-g'].map((what) => Number(execFileSync('id', [what, USER], { encoding: 'utf8' })));
  return { uid: uid, gid: gid };
}

const optionsOf = (environment: NodeJS.ProcessEnv): ExecFileSyncOptions & { env: NodeJS.ProcessEnv } => ({
  ...identity(),
  cwd: '/',
  env: { LC_ALL: 'C', PATH: `${programs()}:/usr/bin:/bin`, ...environment },
});

/** Waits for its end; throws when that is no 0. */
export function run([program = '', ...words]: readonly string[], environment: NodeJS.ProcessEnv): void {
  execFileSync(program, words, { ...optionsOf(environment), stdio: 'pipe' });
}

export function launch([program = '', ...words]: readonly string[], environment: NodeJS.ProcessEnv): Running {
  const child = spawn(program, words, { ...optionsOf(environment), stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  return { child, said: () => said };
}

export async function end({ child }: Running, signal: NodeJS.Signals): Promise<void> {
  const ended = once(child, 'exit');
  if (child.exitCode === null && child.signalCode === null && child.kill(signal)) await ended;
}
