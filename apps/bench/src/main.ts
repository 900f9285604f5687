// `npm run bench:cache`: the figures of cached reads, of what their freshness costs, and of the writes that pay for it.
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { freshnessOfReads } from './freshness';
import { checkMachine, modelOfCpu, moveToLoadCore } from './machine';
import { type Options, optionsOf, USAGE } from './options';
import { redisOutages } from './outage';
import { cachedReads } from './reads';
import { tableOf } from './report';
import type { Scenario } from './scenario';
import { createWorld, type World } from './world';
import { writes } from './writes';

const SUITES: Readonly<Record<string, readonly Scenario[]>> = {
  cache: [...cachedReads, freshnessOfReads, ...redisOutages, ...writes],
};

async function run(suite: readonly Scenario[], options: Options): Promise<void> {
  const scenarios = chosen(suite, options.only);
  checkMachine(['taskset', 'wrk', 'redis-server']);
  moveToLoadCore();
  const world = await createWorld(options);
  // On, not once: a second signal must not end this process before PostgreSQL has ended.
  const stop = () => void world.close().finally(() => process.exit(130));
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    await measure(scenarios, world, options);
  } finally {
    await world.close();
  }
}

async function measure(scenarios: readonly Scenario[], world: World, options: Options): Promise<void> {
  const { rounds, seconds, connections, jsonFile } = options;
  const machine = { cpu: modelOfCpu(), cores: availableParallelism(), node: process.version };
  process.stdout.write(
    `${machine.cpu}, Node ${machine.node}; ${world.ids.length} items; ${rounds} rounds of ${seconds} s, ` +
      `${connections} connections; medians, and ratios of the same round to the first row\n`,
  );
  const results = [];
  for (const { name, title, run } of scenarios) {
    process.stderr.write(`${name} `);
    const summaries = await run(world, options);
    process.stdout.write(tableOf(`${name}: ${title}`, summaries));
    results.push({ name, title, summaries });
  }
  if (jsonFile === undefined) return;
  const report = { at: new Date().toISOString(), machine, options, items: world.ids.length, scenarios: results };
  writeFileSync(jsonFile, `${JSON.stringify(report, null, 2)}\n`);
}

/** @throws Error when there is none of a name */
function chosen(suite: readonly Scenario[], only: readonly string[]): readonly Scenario[] {
  const unknown = only.filter((name) => !suite.some((scenario) => scenario.name === name));
  if (unknown.length > 0)
    throw new Error(`No scenario ${unknown.join(', ')}; there are ${suite.map(({ name }) => name).join(', ')}.`);
  return only.length === 0 ? suite : suite.filter(({ name }) => only.includes(name));
}

async function main([name = '', ...args]: string[]): Promise<void> {
  const suite = SUITES[name];
  if (suite === undefined) throw new Error(`Say which: ${Object.keys(SUITES).join(', ')}.`);
  if (args.includes('--help')) return void process.stdout.write(USAGE);
  await run(suite, optionsOf(args));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
