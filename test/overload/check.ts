// What ten times the load does to one instance, for a minute: `npm run check:overload [-- --factor N --seconds N]`.
import { parseArgs } from 'node:util';
import { runCheck } from '../support/run-check';
import { type Overload, overload } from './overload';

const verdicts = (one: Overload): [string, string, boolean][] => [
  [
    'goodput',
    `${(one.goodput * 100).toFixed(0)} % of ${one.peak.toFixed(0)}/s, asked ${one.asked.toFixed(0)}/s`,
    one.goodput >= 0.9,
  ],
  [
    'p99 of the accepted',
    `${one.acceptedP99.toFixed(1)} ms, calm ${one.calmP99.toFixed(1)} ms`,
    one.acceptedP99 <= 5 * one.calmP99,
  ],
  [
    'p99 of the refused',
    `${one.refusedP99.toFixed(1)} ms, ${one.refusals} of them`,
    one.refusals > 0 && one.refusedP99 <= 20,
  ],
  ['other answers', String(one.wrong), one.wrong === 0],
  ['cached reads', `${one.cachedRefused} refused, p99 ${one.cachedP99.toFixed(1)} ms`, one.cachedRefused === 0],
  ['memory', `${one.growth >= 0 ? '+' : ''}${one.growth.toFixed(0)} MiB`, one.growth <= 100],
  ['recovery', `${one.recoveryMs.toFixed(0)} ms`, one.recoveryMs <= 1_000],
];

async function main(): Promise<boolean> {
  const options = { factor: { type: 'string', default: '10' }, seconds: { type: 'string', default: '60' } } as const;
  const { values } = parseArgs({ options });
  const rows = verdicts(await overload(Number(values.factor), Number(values.seconds)));
  for (const [name, figure, isGood] of rows)
    process.stdout.write(`${isGood ? 'ok    ' : 'FAILED'} ${name.padEnd(20)} ${figure}\n`);
  return rows.every(([, , isGood]) => isGood);
}

runCheck(main);
