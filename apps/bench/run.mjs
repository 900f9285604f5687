// Builds what is stale, then measures: `node apps/bench/run.mjs cache`.
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureBuilt } from '../api/run.mjs';

ensureBuilt();
const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
await import(pathToFileURL(join(root, 'dist/apps/bench/src/main.js')).href);
