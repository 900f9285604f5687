// Reads postmaster.pid, the file by which PostgreSQL itself says that it runs, and stops the server that it names.
import { execFile } from 'node:child_process';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from './errors';

export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly isReady: boolean;
}

export const POLL_MS = 4;
const STOP_TIMEOUT_MS = 60_000;
/** Above the highest id of every system, so that nothing can run under it. */
const NOBODYS_PID = 2147483647;

/** The live server of this data folder, if there is one; `ownPid` is known to be alive. */
export async function findPostmaster(dataFolder: string, ownPid?: number): Promise<Postmaster | undefined> {
  const text = await readPidFile(dataFolder);
  const [pid, , , port, , , , status = ''] = text.split('\n');
  const postmaster = { pid: Number(pid), port: Number(port), isReady: status.trim() === 'ready' };
  if (!(postmaster.pid > 0)) return undefined;
  if (postmaster.pid === ownPid || (await runs(postmaster.pid, dataFolder))) return postmaster;
  if (isAlive(postmaster.pid)) await disown(dataFolder, text);
  return undefined;
}

/** Fast shutdown: sessions are cut, data is written. Returns when the server has let go of the folder. */
export async function stopPostmaster(dataFolder: string, interrupt: (pid: number) => unknown): Promise<void> {
  const postmaster = await findPostmaster(dataFolder);
  if (!postmaster) return;
  await interrupt(postmaster.pid);
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  // By the file: in a container without an init the dead server stays visible as a zombie.
  while (isAlive(postmaster.pid) && (await readPidFile(dataFolder)).startsWith(`${postmaster.pid}\n`)) {
    if (Date.now() > deadline) {
      throw new EmbeddedPostgresError(
        `PostgreSQL (process ${postmaster.pid}) is still writing its data after ${STOP_TIMEOUT_MS / 1000} s: leave it the time, or kill that process, which the next start repairs`,
      );
    }
    await sleep(POLL_MS);
  }
}

async function readPidFile(dataFolder: string): Promise<string> {
  try {
    return await readFile(join(dataFolder, 'postmaster.pid'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** After a reboot the id may be another program's; in a copied folder it is that of the original's server. */
async function runs(pid: number, dataFolder: string): Promise<boolean> {
  if (process.platform === 'win32') return isAlive(pid);
  const servedFolder = / -D (.+?) -c /.exec(await commandLineOf(pid))?.[1];
  if (servedFolder === undefined) return false;
  const [served, ours] = await Promise.all([stat(servedFolder).catch(() => undefined), stat(dataFolder)]);
  // Absent: the folder was moved while its server ran.
  return served === undefined || (served.dev === ours.dev && served.ino === ours.ino);
}

async function commandLineOf(pid: number): Promise<string> {
  try {
    if (process.platform === 'linux') return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
    return (await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)])).stdout;
  } catch {
    return '';
  }
}

/**
 * PostgreSQL refuses to start while the id in its file is alive. Only the id is replaced, the file stays: the rest of it
 * is how PostgreSQL finds processes of a killed server that still use the data. Never shorter, hence no truncation.
 */
async function disown(dataFolder: string, judged: string): Promise<void> {
  if ((await readPidFile(dataFolder)) !== judged) return;
  const file = await open(join(dataFolder, 'postmaster.pid'), 'r+');
  try {
    await file.write(judged.replace(/^\d+/, String(NOBODYS_PID)), 0);
  } finally {
    await file.close();
  }
}
