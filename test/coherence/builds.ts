// The builds that are run: a copy of the one there is, and for each mutant one in which a single file was patched.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutant } from './mutants';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- it must run before TypeScript can be required
const { compile } = require('../support/compile.cjs') as {
  compile: (source: string, path: string, maps: false) => string;
};

const ROOT = join(__dirname, '../..');
/** Inside the project, where packages are found. */
const FOLDER = join(ROOT, '.cache/coherence');

export interface Builds {
  /** Folder of the build as it is. */
  readonly plain: string;
  readonly of: ReadonlyMap<Mutant, string>;
}

/** All at once, so that sources and build may change while the checker runs. */
export function prepareBuilds(mutants: readonly Mutant[]): Builds {
  rmSync(FOLDER, { recursive: true, force: true });
  const copy = (name: string): string => {
    const folder = join(FOLDER, name);
    cpSync(join(ROOT, 'dist'), folder, { recursive: true });
    return folder;
  };
  const build = (mutant: Mutant): string => {
    const folder = copy(mutant.name.replaceAll(' ', '-'));
    const code = compile(patched(sourceOf(mutant), mutant), join(ROOT, mutant.file), false);
    writeFileSync(join(folder, mutant.file.replace(/\.ts$/, '.js')), code);
    return folder;
  };
  return { plain: copy('as-it-is'), of: new Map(mutants.map((mutant) => [mutant, build(mutant)])) };
}

export const sourceOf = ({ file }: Mutant): string => readFileSync(join(ROOT, file), 'utf8');

/** @throws Error unless the place to patch is there exactly once */
export function patched(source: string, { name, file, find, replace }: Mutant): string {
  const parts = source.split(find);
  if (parts.length === 2) return parts.join(replace);
  throw new Error(
    `The mutant "${name}" patches a place that is ${parts.length - 1} times in ${file}: bring it up to date.`,
  );
}
