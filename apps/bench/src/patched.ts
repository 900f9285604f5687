// A copy of the compiled service with something taken out, to measure what that costs.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIST, ROOT } from './paths';

/** A file of the compiled service, a piece of its text that stands there exactly once, and what takes its place. */
export type Patch = readonly [file: string, find: string, replacement: string];

/** @returns the folder of the copy. @throws Error when a piece of text is not there exactly once */
export function patchedDist(name: string, patches: readonly Patch[]): string {
  // Below the root, so that packages are found.
  const folder = join(ROOT, '.cache/bench', name);
  rmSync(folder, { recursive: true, force: true });
  cpSync(DIST, folder, { recursive: true });
  for (const [file, find, replacement] of patches) {
    const path = join(folder, file);
    const parts = readFileSync(path, 'utf8').split(find);
    if (parts.length !== 2)
      throw new Error(`${file} holds "${find}" ${parts.length - 1} times instead of once: mend the patch "${name}".`);
    writeFileSync(path, parts.join(replacement));
  }
  return folder;
}
