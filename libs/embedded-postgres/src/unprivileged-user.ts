// PostgreSQL refuses to run as root: finds the user to run as, and what that user can reach.
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Stats } from 'node:fs';
import { EmbeddedPostgresError } from './errors';

export interface UnixUser {
  readonly uid: number;
  readonly gid: number;
}

/** Bits of a file mode, as in the last octal digit. */
export const PASS = 1;
export const READ_AND_RUN = 5;

export async function getUnprivilegedUser(passwdPath = '/etc/passwd'): Promise<UnixUser> {
  const user = findUnprivilegedUser(await readFile(passwdPath, 'utf8').catch(() => ''));
  if (user) return user;
  throw new EmbeddedPostgresError(
    'PostgreSQL does not run as root, and this system has no user `postgres` or `nobody` to run it as: start as another user, or give the URL of a PostgreSQL server with DATABASE_URL',
  );
}

export function findUnprivilegedUser(passwd: string): UnixUser | undefined {
  const entries = passwd.split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', '_postgres', 'nobody']) {
    const [, , uid, gid] = entries.find((entry) => entry[0] === name) ?? [];
    // Negative on macOS (nobody is -2), where `_postgres` comes first anyway.
    if (Number(uid) > 0 && Number(gid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

/** Whether `user` can walk down to `folder`, which is an absolute path without symbolic links. */
export async function canReach(folder: string, user: UnixUser): Promise<boolean> {
  if (!allows(await stat(folder), user, PASS)) return false;
  const parent = dirname(folder);
  return parent === folder || canReach(parent, user);
}

/** Access lists and supplementary groups stay out: the worst they cause is a copy that was not needed. */
export function allows({ uid, gid, mode }: Pick<Stats, 'uid' | 'gid' | 'mode'>, user: UnixUser, bits: number): boolean {
  const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
  return ((mode >> shift) & bits) === bits;
}
