// Rows that have a command or a suite of their own, which is run here as a process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { atLeast, type Figure, holds, none, type Row } from './row';
import { onStage } from './stage';
import { badSuppliers } from './suppliers';

const ROOT = join(__dirname, '../..');
const JEST = ['node_modules/jest/bin/jest.js', '--colors=false'];

async function run(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<{ code: number; text: string }> {
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? 1, text };
}

async function suite(args: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Figure[]> {
  const { code, text } = await run([...JEST, '--verbose', ...args], environment);
  const tests = [...text.matchAll(/^ +([✓✕]) (.+?)(?: \([\d.]+ m?s\))?$/gm)];
  if (tests.length === 0) throw new Error(`The suite did not run:\n${text}`);
  const broken = tests.filter(([, mark]) => mark === '✕').map(([, , name]) => name);
  return [
    atLeast('tests', tests.length, 1),
    none('of these broken', broken.length, broken.join('; ')),
    holds('exit', String(code), '0', code === 0),
  ];
}

/** What `check:overload` prints: a verdict, a name and a figure in each line. */
async function overload(seconds: number): Promise<Figure[]> {
  const { code, text } = await run(['test/support/run.cjs', 'overload/check', '--seconds', String(seconds)]);
  const rows = [...text.matchAll(/^(ok|FAILED) +(.{20}) (.+)$/gm)];
  if (rows.length === 0) throw new Error(`The check did not run:\n${text}`);
  return [
    ...rows.map(([, verdict, name = '', seen = '']) => holds(name.trim(), seen, 'its own', verdict === 'ok')),
    holds('exit', String(code), '0', code === 0),
  ];
}

export const OF_OTHERS: readonly Row[] = [
  {
    name: 'overload',
    fault: '10 times the load that it can serve',
    run: ({ isShort, seconds }) => (isShort ? suite(['test/overload']) : overload(seconds)),
  },
  {
    name: 'worker-killed',
    fault: 'worker killed in the middle of a refresh',
    run: ({ isShort }) => suite(['test/failure/feed-kills.test.ts'], { FEED_KILLS: isShort ? '3' : '20' }),
  },
  {
    name: 'bad-suppliers',
    fault: 'suppliers that are slow, flaky, endless, malformed, a bomb, or lead to private addresses',
    programs: ['redis-server'],
    run: async (form) => [
      ...(await onStage((stage) => badSuppliers(stage, form))),
      ...(await suite(['libs/outbound', 'apps/api/src/feeds/feeds.worker.test.ts', '--runInBand'])),
    ],
  },
];
