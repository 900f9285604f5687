// Decides where the database of a directory lives, and as which user: in the directory, unless root makes that impossible.
import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { allows, canReach, getUnprivilegedUser, PASS, type UnixUser } from './unprivileged-user';

const ELSEWHERE = '/var/lib/floodgate';

export interface Home {
  /** What the caller chose: the log is here, and a note when `folder` is elsewhere. */
  readonly directory: string;
  /** Holds the cluster and, where needed, a copy of the binaries. */
  readonly folder: string;
  /** The user who must run PostgreSQL; undefined: the current one. */
  readonly user?: UnixUser;
}

export async function openHome(chosen: string): Promise<Home> {
  await mkdir(chosen, { recursive: true });
  const directory = await realpath(chosen);
  if (process.getuid?.() !== 0) return { directory, folder: directory };

  const user = (await ownerOf(join(directory, 'postgres'))) ?? (await getUnprivilegedUser());
  const folder = (await makeReachable(directory, user)) ? directory : await moveElsewhere(directory);
  return { directory, folder, user: (await ownerOf(join(folder, 'postgres'))) ?? user };
}

/** Root that starts a project of somebody else must not take their database away from them. */
async function ownerOf(path: string): Promise<UnixUser | undefined> {
  const owner = await stat(path).catch(() => undefined);
  return owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : undefined;
}

async function makeReachable(directory: string, user: UnixUser): Promise<boolean> {
  if (!(await canReach(dirname(directory), user))) return false;
  const current = await stat(directory);
  if (allows(current, user, PASS)) return true;
  // Private to root, as mkdtemp and a umask of 077 leave it: the user's group may pass, nobody may look.
  if (current.uid !== 0 || (current.mode & 0o077) !== 0) return false;
  await chown(directory, 0, user.gid);
  await chmod(directory, 0o710);
  return true;
}

/** The note is read again, so that a project which moved keeps its database. */
async function moveElsewhere(directory: string): Promise<string> {
  const note = join(directory, 'postgres.location');
  const noted = (await readFile(note, 'utf8').catch(() => '')).trim();
  const folder = dirname(noted) === ELSEWHERE ? noted : join(ELSEWHERE, hashOf(directory));
  for (const path of [ELSEWHERE, folder]) {
    await mkdir(path, { recursive: true });
    await chmod(path, 0o755);
  }
  if (noted !== folder) await writeFile(note, `${folder}\n`);
  return folder;
}

function hashOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 16);
}
