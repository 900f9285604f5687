import { join } from 'node:path';

/** Of the repository; this file is compiled to `dist/apps/bench/src`. */
export const ROOT = join(__dirname, '../../../..');

export const DIST = join(ROOT, 'dist');
export const baseline = (name: string): string => join(__dirname, `../baselines/${name}.js`);
