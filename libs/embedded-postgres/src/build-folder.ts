// Makes folders that are complete or absent, whoever builds at the same time and whenever somebody is killed.
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const ABANDONED_AFTER_MS = 10 * 60_000;

/** Builds in a draft (mode 0700) beside `target` and renames it; when another process was faster, its folder stays. */
export async function buildFolder(target: string, build: (draft: string) => Promise<void>): Promise<void> {
  const prefix = `${target}.draft-`;
  await removeAbandoned(prefix);
  if (existsSync(target)) return;
  const draft = await mkdtemp(prefix);
  try {
    await build(draft);
    await rename(draft, target);
  } catch (error) {
    // A directory is never renamed over one that has content.
    if (!existsSync(target)) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** By age: in a container every process has the id of the killed one. */
async function removeAbandoned(prefix: string): Promise<void> {
  for (const name of await readdir(dirname(prefix))) {
    if (!name.startsWith(basename(prefix))) continue;
    const draft = join(dirname(prefix), name);
    const modified = await stat(draft).catch(() => undefined);
    if (modified && Date.now() - modified.mtimeMs > ABANDONED_AFTER_MS)
      await rm(draft, { recursive: true, force: true });
  }
}
