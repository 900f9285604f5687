// The short form of the proof by experiment; `npm run check:coherence` is the full one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describeWith } from '../support/programs';

const ATTEMPT_MS = 6 * 60_000;

describeWith('redis-server', 'the coherent cache', () => {
  it(
    'keeps its promise under faults, and the checker catches every mutant',
    async () => {
      const child = spawn(process.execPath, [join(__dirname, '../support/run.cjs'), 'coherence/check', '--short'], {
        stdio: ['ignore', 'inherit', 'pipe'],
      });
      let output = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        process.stderr.write(text);
      });
      const [code] = (await once(child, 'close')) as [number | null];
      expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('every mutant was caught') });
    },
    ATTEMPT_MS,
  );
});
