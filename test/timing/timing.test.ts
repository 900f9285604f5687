import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A tenth of what `npm run check:timing` asks: differences that a guesser needs no patience for. */
const PAIRS = 500;

test('neither answers nor their time tell which addresses have an account', async () => {
  const run = join(__dirname, '../support/run.cjs');
  const child = spawn(process.execPath, [run, 'timing/check', '--pairs', String(PAIRS)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'exit')) as [number];
  expect(code === 0 ? 'passed' : output).toBe('passed');
}, 400_000);
