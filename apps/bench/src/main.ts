// `npm run bench`: measures the service beside its rivals, and writes down what it saw.
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { checkMachine, modelOfCpu, moveToLoadCore } from './machine';
import { type Options, optionsOf, USAGE } from './options';
import { writePage } from './page/page';
import { publish } from './page/publish';
import { ROOT } from './paths';
import { textOf } from './report';
import { type Chapter, type Loss, type Run, writeRun } from './results';
import type { Scenario } from './scenario';
import { scenariosOf } from './suites';
import { createWorld, type World } from './world';

const RESULTS = join(ROOT, '.cache/bench/results.json');

async function run(scenarios: readonly Scenario[], options: Options, command: string): Promise<void> {
  checkMachine(['taskset', 'redis-server']);
  moveToLoadCore();
  const world = await createWorld(options);
  // On, not once: a second signal must not end this process before PostgreSQL has ended.
  const stop = () => void world.close().finally(() => process.exit(130));
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    const done = await measure(scenarios, world, options, command);
    write(done, options);
    if (done.failures?.length) process.exitCode = 1;
  } finally {
    await world.close();
  }
}

async function measure(scenarios: readonly Scenario[], world: World, options: Options, command: string): Promise<Run> {
  const { rounds, seconds, connections, rows } = options;
  const machine = { cpu: modelOfCpu(), cores: cpus().length, node: process.version };
  process.stdout.write(
    `${machine.cpu}, Node ${machine.node}; ${world.ids.length} items; ${rounds} rounds of ${seconds} s, ` +
      `${connections} connections; medians, and ratios of the same round to the first row\n`,
  );
  const chapters: Chapter[] = [];
  const failures: Loss[] = [];
  for (const [at, { name, title, run: find }] of scenarios.entries()) {
    process.stderr.write(`[${at + 1}/${scenarios.length}] ${name} `);
    const startedAt = performance.now();
    try {
      const result = await find(world, options);
      process.stderr.write(` ${((performance.now() - startedAt) / 1_000).toFixed(0)} s\n`);
      process.stdout.write(textOf(`${name}: ${title}`, result));
      chapters.push({ name, title, result });
    } catch (error) {
      // The figures of the others stand.
      const sentence = `no figure: ${(error as Error).message}`;
      process.stderr.write(` ${sentence}\n`);
      failures.push({ chapter: name, sentence });
    }
  }
  const source = options.file === undefined ? 'demo' : 'file';
  const settings = { rounds, seconds, connections, rows, source } as const;
  return { at: new Date().toISOString(), command, machine, items: world.ids.length, ...settings, chapters, failures };
}

function write(done: Run, { jsonFile = RESULTS, isPublished }: Options): void {
  writeRun(jsonFile, done);
  const page = join(dirname(jsonFile), 'results.html');
  writePage(page, done);
  process.stdout.write(`\nWritten: ${jsonFile}, ${page}\n`);
  if (isPublished) for (const file of publish(done, ROOT)) process.stdout.write(`Published: ${file}\n`);
}

async function main([suite = 'all', ...args]: string[]): Promise<void> {
  if (args.includes('--help')) return void process.stdout.write(USAGE);
  if (args.includes('--list')) {
    const all = scenariosOf(suite, { only: [], isQuick: false, against: '' });
    return void process.stdout.write(all.map(({ name, title }) => `${name.padEnd(18)}${title}\n`).join(''));
  }
  const options = optionsOf(args);
  // A file of one machine has no meaning on another.
  const shown = args.map((arg, at) => (args[at - 1] === '--data' ? 'FILE' : arg));
  await run(
    scenariosOf(suite, options),
    options,
    [`npm run ${suite === 'cache' ? 'bench:cache' : 'bench'} --`, ...shown].join(' '),
  );
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
