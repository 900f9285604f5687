// Builds what is stale, then measures: `node apps/bench/run.mjs cache`; `simulate` is a program of its own.
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureBuilt } from '../api/run.mjs';

ensureBuilt();
const isSimulated = process.argv[2] === 'simulate';
if (isSimulated) process.argv.splice(2, 1);
const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const entry = isSimulated ? 'scaling/simulate.js' : 'main.js';
await import(pathToFileURL(join(root, 'dist/apps/bench/src', entry)).href);
