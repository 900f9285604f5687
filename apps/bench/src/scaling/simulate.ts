// `npm run simulate`: what a fleet asks of PostgreSQL and Redis, computed, simulated and, once, measured.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../paths';
import { fill, tableOf } from '../page/publish';
import { linesOf } from '../report';
import { limitsTable, machineTable, millionTable } from './derived';
import { type Inputs, publishedOf, readInputs, writeInputs } from './inputs';
import { measure } from './measure';
import { type Options, optionsOf, USAGE } from './options';
import { plotOf } from './plot';
import { checkTable, inputsTable, needsTable, type Point, pointsOf, trafficTable } from './report';

const DOCUMENT = 'docs/scaling.md';
const PICTURE = 'docs/images/scaling.svg';

async function inputsFor({ benchFile, isMeasured }: Options): Promise<Inputs> {
  let inputs = readInputs();
  if (benchFile !== undefined) inputs = { ...inputs, published: publishedOf(benchFile) };
  if (isMeasured) inputs = { ...inputs, measured: await measure() };
  if (benchFile !== undefined || isMeasured) writeInputs(inputs);
  return inputs;
}

const titleOf = ({ load }: Options): string =>
  `${load.readsPerSecond.toLocaleString('en')} reads and ${load.writesPerSecond.toLocaleString('en')} writes a second`;

const wordsOf = ({ load, cacheMb }: Options): string =>
  `a second, all together; ${load.items.toLocaleString('en')} items, Zipf ${load.exponent}, Δ = ${load.stalenessMs} ms, ` +
  `${cacheMb} MiB each, ${load.isWithRedis ? 'Redis' : 'no Redis'}; lines computed, dots simulated`;

function publish(options: Options, inputs: Inputs, points: readonly Point[]): void {
  const path = join(ROOT, DOCUMENT);
  const sources = `A: ${inputs.published.from}. B: ${inputs.measured.from}.`;
  const parts = {
    inputs: `${tableOf(inputsTable(inputs))}\n\n${sources}`,
    traffic: tableOf(trafficTable(points)),
    needs: tableOf(needsTable(points)),
    machine: tableOf(machineTable(inputs)),
    limits: tableOf(limitsTable(inputs, options)),
    million: tableOf(millionTable(inputs, options)),
    check: tableOf(checkTable(inputs, options)),
  };
  const text = Object.entries(parts).reduce(
    (filled, [name, content]) => fill(filled, name, content, DOCUMENT),
    readFileSync(path, 'utf8'),
  );
  writeFileSync(path, text);
  writeFileSync(join(ROOT, PICTURE), plotOf(titleOf(options), wordsOf(options), points));
  process.stdout.write(`Published: ${DOCUMENT}, ${PICTURE}\n`);
}

async function main(args: string[]): Promise<void> {
  if (args.includes('--help')) return void process.stdout.write(USAGE);
  const inputs = await inputsFor(optionsOf(args, readInputs()));
  // What was measured may say how many items memory holds.
  const options = optionsOf(args, inputs);
  const points = pointsOf(options, inputs);
  const tables = [
    trafficTable(points),
    needsTable(points),
    ...(options.isMeasured ? [checkTable(inputs, options)] : []),
  ];
  process.stdout.write(`${titleOf(options)}: ${wordsOf(options)}\n`);
  for (const table of tables) process.stdout.write(`\n${linesOf(table)}`);
  const { jsonFile, plotFile } = options;
  if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify({ options, inputs, points }, null, 2)}\n`);
  if (plotFile !== undefined) writeFileSync(plotFile, plotOf(titleOf(options), wordsOf(options), points));
  if (options.isPublished) publish(options, inputs, points);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
