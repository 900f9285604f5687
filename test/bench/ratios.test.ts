// A lost optimisation turns red here: the service beside its rivals in a very short run, with bounds at half of what is promised.
// Each bound is met by the speed or by the CPU time of a request: whatever else runs on the machine disturbs one of the two less.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Run } from '../../apps/bench/src/results';
import type { Result } from '../../apps/bench/src/scenario';
import { cpuRatioOf, ratioOf } from '../../apps/bench/src/summary';
import { describeWith } from '../support/programs';

const MAIN = join(__dirname, '../../dist/apps/bench/src/main.js');
const SHORT = ['--quick', '--items', '5000', '--rows', '60000'];
const MAX_MS = 240_000;

const FLOODGATE = 'Floodgate';
const bounds: [scenario: string, rival: string, least: number][] = [
  ['item', 'node:http', 0.5],
  ['item', 'CacheInterceptor, memory', 1.5],
  ['not-modified', 'node:http', 0.5],
  ['uncached', 'Fastify + pg', 1.25],
  ['uncached', 'Nest + TypeORM', 2],
];

describeWith('wrk', 'the ratios to rivals', () =>
  describeWith('taskset', 'on a core of their own', () =>
    describeWith('redis-server', 'with Redis', () => {
      const directory = mkdtempSync(join(tmpdir(), 'floodgate-ratios-'));
      let results: ReadonlyMap<string, Result>;

      beforeAll(async () => {
        const file = join(directory, 'results.json');
        await promisify(execFile)(process.execPath, [MAIN, 'guard', ...SHORT, '--json', file], { timeout: MAX_MS });
        const { chapters } = JSON.parse(readFileSync(file, 'utf8')) as Run;
        results = new Map(chapters.map(({ name, result }) => [name, result]));
      }, MAX_MS);
      afterAll(() => rmSync(directory, { recursive: true }));

      it.each(bounds)('%s: %s × %d', (scenario, rival, least) => {
        const { summaries = [] } = results.get(scenario) ?? {};
        const ratios = [ratioOf(summaries, FLOODGATE, rival), cpuRatioOf(summaries, FLOODGATE, rival)];
        expect(Math.max(...ratios)).toBeGreaterThanOrEqual(least);
      });

      it('a page far down costs what the first one costs', () => {
        const [, bottom] = results.get('deep-page')?.summaries ?? [];
        const slower = [1 / (bottom?.ratio.median ?? 0), 1 / (bottom?.cpuRatio.median ?? 0)];
        expect(Math.min(...slower)).toBeLessThanOrEqual(2.4);
      });

      it('thousands who ask for one cold item cost one statement', () => {
        const { figures = [] } = results.get('cold-key') ?? {};
        expect(figures.find(({ name }) => name === 'statements')?.value).toBe(1);
      });
    }),
  ),
);
