import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const rootAbove = (folder: string): string =>
  existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder));

/** Of the repository. */
export const ROOT = rootAbove(__dirname);

export const DIST = join(ROOT, 'dist');
export const baseline = (name: string): string => join(DIST, `apps/bench/baselines/${name}.js`);
