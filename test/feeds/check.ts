// What it costs to read hundreds of slow suppliers at once: `npm run check:feeds [-- --data FILE --feeds N --json FILE]`.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Progress } from '../coherence/report';
import { type Figures, IN_FLIGHT, LATENCY_MS, measure } from './refreshes';

/** To reach. */
const LEAST = { speedUp: 20 };
const MOST = { ofBound: 1.5, peakMib: 150, cachedRatio: 1.2, uncachedRatio: 2, secondMs: 2_000 };

const times = (value: number): string => `${value.toFixed(2)} ×`;
const ms = (value: number): string => `${value.toFixed(1)} ms`;

function verdicts(figures: Figures): [name: string, figure: string, isGood: boolean][] {
  const { feeds, rows, sequentialMsPerFeed, importMs, first, second, rest, meanwhile } = figures;
  const sequentialMs = feeds * sequentialMsPerFeed;
  const latencyMs = Math.ceil(feeds / IN_FLIGHT) * LATENCY_MS;
  const boundMs = Math.max(latencyMs, importMs);
  const speedUp = sequentialMs / first.ms;
  const cached = meanwhile.cachedP99 / rest.cachedP99;
  const uncached = meanwhile.uncachedP99 / rest.uncachedP99;
  return [
    ['all feeds', `${first.ms} ms, ${Math.round(first.rowsPerSecond)} rows/s, ${first.statements} statements`, true],
    ['each row once', `${rows} rows, ${first.wrong} wrong`, first.wrong === 0],
    [
      'one after the other',
      `${Math.round(sequentialMs)} ms by a sample, ${times(speedUp)} as long`,
      speedUp >= LEAST.speedUp,
    ],
    [
      'bound',
      `latency ${latencyMs} ms, import ${importMs} ms; ${times(first.ms / boundMs)} of the slower`,
      first.ms <= MOST.ofBound * boundMs,
    ],
    [
      'memory of the worker',
      `${figures.peakMib.toFixed(0)} MiB, ${figures.restMib.toFixed(0)} before`,
      figures.peakMib <= MOST.peakMib,
    ],
    [
      'p99 of cached reads',
      `${ms(meanwhile.cachedP99)}, at rest ${ms(rest.cachedP99)}: ${times(cached)}`,
      cached <= MOST.cachedRatio,
    ],
    [
      'p99 of other reads',
      `${ms(meanwhile.uncachedP99)}, at rest ${ms(rest.uncachedP99)}: ${times(uncached)}`,
      uncached <= MOST.uncachedRatio,
    ],
    ['reads', `${meanwhile.reads}, ${meanwhile.lost} without their item`, meanwhile.lost === 0],
    [
      'all feeds again',
      `${second.ms} ms, ${second.notModified} of ${feeds} unchanged, ${second.asked} requests, ${second.statements} statements`,
      second.ms <= MOST.secondMs && second.notModified === feeds && second.asked === feeds,
    ],
    ['rows written again', second.rowsChanged ? 'some' : 'none', !second.rowsChanged],
  ];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { data: { type: 'string' }, feeds: { type: 'string', default: '500' }, json: { type: 'string' } },
  });
  const figures = await measure({ data: values.data, feeds: Number(values.feeds) }, new Progress(process.stderr));
  const rows = verdicts(figures);
  for (const [name, figure, isGood] of rows)
    process.stdout.write(`${isGood ? 'ok    ' : 'FAILED'} ${name.padEnd(22)} ${figure}\n`);
  if (values.json !== undefined) {
    const judged = rows.map(([name, figure, isGood]) => ({ name, figure, isGood }));
    writeFileSync(values.json, `${JSON.stringify({ figures, verdicts: judged }, null, 2)}\n`);
  }
  process.exitCode = rows.every(([, , isGood]) => isGood) ? 0 : 1;
}

main().then(
  () => process.exit(),
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
