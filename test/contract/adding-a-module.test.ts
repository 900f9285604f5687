// Follows docs/adding-a-module.md to the letter, in a temporary copy of the repository.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const ROOT = join(__dirname, '../..');
const LEFT_OUT = ['node_modules', 'dist', '.git', '.cache', '.floodgate', 'coverage'];

describe('docs/adding-a-module.md', () => {
  const copy = mkdtempSync(join(tmpdir(), 'floodgate-module-'));
  const features = join(copy, 'apps/api/src');
  const page = readFileSync(join(ROOT, 'docs/adding-a-module.md'), 'utf8');
  const [copying = '', ...steps] = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, commands = '']) => commands);

  const run = (commands: string) =>
    execFileSync('bash', ['-euo', 'pipefail', '-c', commands], {
      cwd: copy,
      env: { ...process.env, DATA_DIR: join(copy, '.floodgate') },
      stdio: 'pipe',
    });

  beforeAll(() => {
    cpSync(ROOT, copy, { recursive: true, filter: (path) => path === ROOT || !LEFT_OUT.includes(basename(path)) });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    run(copying);
  });

  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it('has four steps', () => expect([copying, ...steps]).toHaveLength(4));

  it('gives a module that builds and passes its tests', () => {
    steps.forEach(run);
    const migration =
      readdirSync(join(copy, 'apps/api/migrations')).find((name) => name.endsWith('create-orders.ts')) ?? '';
    const source = readFileSync(join(copy, 'apps/api/migrations', migration), 'utf8');
    for (const name of ['orders_sku_key', 'orders_search_idx', 'orders_price_currency_check', 'orders_owner_id_fkey'])
      expect(source).toContain(name);
  }, 240_000);

  it('names, with what may be deleted, all that goes with it', () => {
    const [, table = ''] = page.split("Delete what you don't need");
    const rows = [...table.matchAll(/^\| (?!what |-)(.+?) +\| (.+?) +\| (.+?) +\|$/gm)];
    expect(rows.map(([, what]) => what)).toEqual(['import and export', 'batches', 'demo rows']);
    for (const [n, [, , files = '']] of rows.entries()) {
      const folder = join(features, `orders-${n}`);
      cpSync(join(features, 'orders'), folder, { recursive: true });
      const patterns = [...files.matchAll(/`(.+?)`/g)].map(([, pattern = '']) => pattern);
      for (const pattern of patterns) expect(removed(folder, pattern)).not.toEqual([]);
      cleanModule(folder);
    }
    const faults = faultsOf(copy, rows.length);
    // The last row tells to change these, too, which also shows that the compiler has looked.
    const isTold = ([folder, file]: Fault) => folder === 'orders-2' && /\.(controller|dto|test)\.ts$/.test(file);
    expect(faults.filter((fault) => !isTold(fault))).toEqual([]);
    expect(faults.map(([, file]) => file)).toContain('orders.controller.ts');
  }, 240_000);
});

/** The names of what was. */
function removed(folder: string, pattern: string): string[] {
  const [start = '', end] = pattern.split('*');
  const names = readdirSync(folder).filter((name) => (end === undefined ? name === start : name.startsWith(start)));
  for (const name of names) rmSync(join(folder, name));
  return names;
}

/** Takes the lines of what is gone out of the module. */
function cleanModule(folder: string): void {
  const path = join(folder, 'orders.module.ts');
  const left = new Set(readdirSync(folder));
  let source = readFileSync(path, 'utf8');
  for (const [line, names = '', file = ''] of source.matchAll(/^import { (.+) } from '\.\/(.+)';\n/gm)) {
    if (left.has(`${file}.ts`)) continue;
    source = source.replace(line, '');
    for (const name of names.split(', ')) source = source.replace(new RegExp(`\\b${name}\\b(, |,\\n *)?`), '');
  }
  writeFileSync(path, source);
}

type Fault = [folder: string, file: string, message: string];

/** What does not compile in `orders-0` and so on: in one run, for most of its time goes into the types that they share. */
function faultsOf(copy: string, count: number): Fault[] {
  const folders = Array.from({ length: count }, (_, n) => `apps/api/src/orders-${n}`);
  const project = { extends: './tsconfig.json', include: [...folders, 'libs/**/*.d.ts'] };
  writeFileSync(join(copy, 'tsconfig.deleted.json'), JSON.stringify(project));
  const { stdout } = spawnSync('node', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.deleted.json'], {
    cwd: copy,
    encoding: 'utf8',
  });
  const lines = stdout.matchAll(/^apps\/api\/src\/(orders-\d)\/(.+?)\(.*?: error (.+)$/gm);
  return [...lines].map(([, folder = '', file = '', message = '']) => [folder, file, message]);
}
