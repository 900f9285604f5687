// Builds the service if its sources are newer than the last build, then runs one of its entries: `node apps/api/run.mjs main`.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const stamp = join(root, 'dist/.built');
const inputs = ['apps', 'libs', 'package-lock.json', 'nest-cli.json', 'tsconfig.json'];

/** @returns {number} milliseconds */
function newest(path) {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function builtAt() {
  try {
    return statSync(stamp).mtimeMs;
  } catch {
    return 0;
  }
}

/** Leaves a complete and current `dist`, or ends the process with the compiler's errors. */
export function ensureBuilt() {
  const startedAt = new Date();
  if (Math.max(...inputs.map((input) => newest(join(root, input)))) <= builtAt()) return;
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const nest = join(root, 'node_modules/@nestjs/cli/bin/nest.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [nest, 'build', 'api'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) {
    process.stderr.write(`${stdout}${stderr}`);
    process.exit(status ?? 1);
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, '');
  // A file that was saved during the build is newer than its start, and is built the next time.
  utimesSync(stamp, startedAt, startedAt);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [entry, ...rest] = process.argv.slice(2);
  ensureBuilt();
  if (entry !== undefined) {
    process.argv = [process.argv[0], join(root, `dist/apps/api/src/${entry}.js`), ...rest];
    await import(pathToFileURL(process.argv[1]).href);
  }
}
