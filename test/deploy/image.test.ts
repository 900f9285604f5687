// What the Dockerfile puts together, as far as that goes without a container engine: its files, and its command as their user.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { createDatabase, type TestDatabase } from '../support/database';
import { describeWith } from '../support/programs';
import { freePort } from '../support/redis';

const ROOT = join(__dirname, '../..');
const MEBIBYTE = 2 ** 20;
/** Of 250 MB, what Debian (75) and Node 24 (125) leave for the service. */
const MAX_BYTES = 50 * MEBIBYTE;

const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').replaceAll(/\\\n\s*/g, '');
const stages = dockerfile.split(/^(?=FROM )/m).slice(1);
const linesOf = (stage: string | undefined, word: string): string[] =>
  [...(stage ?? '').matchAll(new RegExp(`^${word} (.*)$`, 'gm'))].map(([, rest]) => rest as string);
const last = stages.at(-1);

it('runs Node itself, so that SIGTERM reaches it, and not as root', () => {
  expect(linesOf(last, 'CMD')).toEqual(['["node", "dist/apps/api/src/main.js"]']);
  expect(linesOf(last, 'USER')).toEqual(['65532:65532']);
  expect(linesOf(last, 'HEALTHCHECK')[0]).toContain('/health/ready');
});

it('takes nothing from the folder but what .dockerignore lets through', () => {
  const allowed = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  const taken = stages
    .flatMap((stage) => linesOf(stage, 'COPY'))
    .filter((words) => !words.startsWith('--from'))
    .flatMap((words) => words.split(' ').slice(0, -1));
  expect(taken.filter((name) => !allowed.includes(name))).toEqual([]);
  expect(taken.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
});

/** Only root may give a process another root, and only where it may mount. */
const mayMount = (): boolean => {
  if (process.getuid?.() !== 0) return false;
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

describeWith(mayMount() ? 'unshare' : 'unshare (as root)', 'its files', () => {
  const image = mkdtempSync(join(tmpdir(), 'floodgate-image-'));
  const app = join(image, 'app');
  let database: TestDatabase;

  beforeAll(async () => {
    // Whoever makes a temporary folder is the only one who may enter it.
    chmodSync(image, 0o755);
    database = await createDatabase();
    const words = ['ls', '--omit=dev', '--all', '--parseable'];
    const packages = execFileSync('npm', words, { cwd: ROOT, encoding: 'utf8' }).trim().split('\n').slice(1);
    for (const folder of packages) {
      const target = join(app, relative(ROOT, folder));
      if (existsSync(target)) continue;
      mkdirSync(dirname(target), { recursive: true });
      execFileSync('cp', ['-al', folder, target]);
    }
    // What no production package contains was linked with the one that does.
    for (const command of linesOf(stages[0], 'RUN').filter((one) => !one.startsWith('npm ci')))
      execFileSync('sh', ['-c', command], { cwd: app });
    cpSync(join(ROOT, 'package.json'), join(app, 'package.json'));
    cpSync(join(ROOT, 'dist'), join(app, 'dist'), { recursive: true });
    for (const name of ['usr', 'dev', 'proc', 'tmp']) mkdirSync(join(image, name));
    for (const name of ['bin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(image, name));
  }, 120_000);

  afterAll(async () => {
    rmSync(image, { recursive: true, force: true });
    await database.drop();
  });

  it('are few enough', () => {
    const bytes = Number(execFileSync('du', ['-sb', app], { encoding: 'utf8' }).split('\t')[0]);
    process.stdout.write(`  The image's /app has ${(bytes / MEBIBYTE).toFixed(1)} MiB.\n`);
    expect(bytes).toBeLessThan(MAX_BYTES);
    expect(existsSync(join(app, 'node_modules/jest'))).toBe(false);
    expect(statSync(join(app, 'dist/apps/api/src/cli.js')).isFile()).toBe(true);
  });

  it('are enough: it serves as 65532 on a read-only root, and SIGTERM ends it', async () => {
    const port = await freePort();
    const [command] = linesOf(last, 'CMD').map((json) => JSON.parse(json) as string[]);
    const script = `
      mount --bind "$0" "$0" && mount --bind /usr "$0/usr" && mount --bind /dev "$0/dev" && mount -t proc proc "$0/proc"
      mount -o remount,ro,bind "$0/usr" && mount -o remount,ro,bind "$0" && cd "$0"
      exec chroot --userspec=65532:65532 "$0" /usr/bin/env -C /app "$@"`;
    const environment = Object.fromEntries(
      linesOf(last, 'ENV').flatMap((line) => line.split(' ').map((one) => one.split('=') as [string, string])),
    );
    const child = spawn('unshare', ['--mount', 'sh', '-c', script, image, ...(command as string[])], {
      env: {
        PATH: '/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin',
        ...environment,
        HOST: '127.0.0.1',
        PORT: String(port),
        DATABASE_URL: database.url,
        JWT_SECRET: 'a secret that is used in tests only, 32 bytes or more',
      },
    });
    const ended = once(child, 'exit');
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
    while (!said.includes('"app.listening"') && child.exitCode === null)
      await Promise.race([once(child.stdout, 'data'), ended]);
    expect(said).toContain('"app.listening"');
    expect(readFileSync(`/proc/${child.pid}/status`, 'utf8')).toMatch(/^Uid:\s+65532\s+65532/m);
    expect(readFileSync(`/proc/${child.pid}/mounts`, 'utf8')).toMatch(/^\S+ \/ \S+ ro[, ]/m);
    const statuses = await Promise.all(
      ['/health/ready', '/v1/items', '/docs', '/openapi.json'].map(
        async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).status,
      ),
    );
    expect(statuses).toEqual([200, 200, 200, 200]);
    const health = linesOf(last, 'HEALTHCHECK')[0]?.replace(/^.*CMD /, '') ?? '[]';
    const [node = '', ...words] = JSON.parse(health) as string[];
    execFileSync(node, words, { env: { PATH: process.env['PATH'], PORT: String(port) } });
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  }, 120_000);
});
