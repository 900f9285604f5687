// The database on disk: makes it once, whole, together with its password.
import { randomBytes } from 'node:crypto';
import { lchown, lstat, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binaries } from './binaries';
import { buildFolder } from './build-folder';
import { EmbeddedPostgresError } from './errors';
import type { Home } from './home';
import { runProgram } from './program';
import type { UnixUser } from './unprivileged-user';

export const SUPERUSER = 'floodgate';

export interface Cluster {
  /** What PostgreSQL calls its data directory. */
  readonly dataFolder: string;
  readonly password: string;
}

export async function openCluster(home: Home, binaries: Binaries): Promise<Cluster> {
  const folder = join(home.folder, 'postgres');
  await buildFolder(folder, (draft) => initialize(draft, home, binaries));
  if (home.user && (await stat(folder)).uid === 0) await giveTo(home.user, folder);

  const dataFolder = join(folder, 'data');
  const version = await versionOf(dataFolder);
  if (version !== binaries.majorVersion) {
    throw new EmbeddedPostgresError(
      `${folder} holds ${version ? `a database of PostgreSQL ${version}` : 'no database'}, and PostgreSQL ${binaries.majorVersion} is to run: move that folder away to begin with an empty database, or choose another place with DATA_DIR`,
    );
  }
  return { dataFolder, password: (await readFile(join(folder, 'password'), 'utf8')).trim() };
}

async function initialize(draft: string, home: Home, binaries: Binaries): Promise<void> {
  // In a file because everybody can read the arguments of a program.
  const passwordFile = join(draft, 'password');
  await writeFile(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  if (home.user) await giveTo(home.user, draft);
  await runProgram(binaries, home, [
    'initdb',
    ...['-D', join(draft, 'data'), '-U', SUPERUSER, `--pwfile=${passwordFile}`, '-A', 'scram-sha-256'],
    ...['-E', 'UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    '--no-sync',
    '--no-instructions',
  ]);
}

async function versionOf(dataFolder: string): Promise<string | undefined> {
  try {
    return (await readFile(join(dataFolder, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** From the leaves up: while the folder itself is still root's, a process that comes later does not trust it. */
async function giveTo({ uid, gid }: UnixUser, path: string): Promise<void> {
  try {
    const names = (await lstat(path)).isDirectory() ? await readdir(path) : [];
    for (const name of names) await giveTo({ uid, gid }, join(path, name));
    await lchown(path, uid, gid);
  } catch (error) {
    // A server that another process started meanwhile removes a file.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
