// Follows docs/adding-a-module.md to the letter, in a temporary copy of the repository.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const ROOT = join(__dirname, '../..');
const LEFT_OUT = ['node_modules', 'dist', '.git', '.cache', '.floodgate', 'coverage'];

describe('docs/adding-a-module.md', () => {
  const copy = mkdtempSync(join(tmpdir(), 'floodgate-module-'));
  const page = readFileSync(join(ROOT, 'docs/adding-a-module.md'), 'utf8');
  const steps = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, commands = '']) => commands);

  beforeAll(() => {
    cpSync(ROOT, copy, { recursive: true, filter: (path) => path === ROOT || !LEFT_OUT.includes(basename(path)) });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  });

  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it('has four steps', () => expect(steps).toHaveLength(4));

  it('gives a module that builds and passes its tests', () => {
    const environment = { ...process.env, DATA_DIR: join(copy, '.floodgate') };
    for (const commands of steps)
      execFileSync('bash', ['-euo', 'pipefail', '-c', commands], { cwd: copy, env: environment, stdio: 'pipe' });
    const migration =
      readdirSync(join(copy, 'apps/api/migrations')).find((name) => name.endsWith('create-orders.ts')) ?? '';
    const source = readFileSync(join(copy, 'apps/api/migrations', migration), 'utf8');
    for (const name of ['orders_sku_key', 'orders_search_idx', 'orders_price_currency_check', 'orders_owner_id_fkey'])
      expect(source).toContain(name);
  }, 240_000);
});
