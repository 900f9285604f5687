// Every row of the table of faults in docs/operating.md: `npm run check:failure [-- --short --only ROW --json FILE]`.
import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Progress } from '../coherence/report';
import { findProgram } from '../support/programs';
import { FULL, type Row, SHORT } from './row';
import { ROWS } from './rows';
import { describeVerdict, judge, type Verdict } from './verdict';

const { stdout } = process;

function chosen(names: readonly string[]): readonly Row[] {
  const unknown = names.filter((name) => !ROWS.some((row) => row.name === name));
  if (unknown.length > 0)
    throw new RangeError(
      `--only ${unknown.join(', ')}: there is no such row. There are ${ROWS.map(({ name }) => name).join(', ')}.`,
    );
  return names.length === 0 ? ROWS : ROWS.filter(({ name }) => names.includes(name));
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      list: { type: 'boolean', default: false },
      short: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  const rows = chosen(values.only);
  if (values.list) {
    for (const { name, fault, where } of rows)
      stdout.write(`${name.padEnd(20)} ${fault}${where ? `: ${where}` : ''}\n`);
    return 0;
  }
  const form = values.short ? SHORT : FULL;
  const progress = new Progress(process.stderr);
  const verdicts: Verdict[] = [];
  for (const row of rows) {
    progress.line(`${row.name} …`);
    const verdict = await judge(row, form, (program) => findProgram(program) !== undefined);
    stdout.write(`${describeVerdict(verdict)}\n`);
    verdicts.push(verdict);
  }
  const failed = verdicts.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name);
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ isShort: form.isShort, verdicts, failed }, undefined, 2)}\n`);
  stdout.write(failed.length === 0 ? 'Every row that was run held.\n' : `FAILED: ${failed.join(', ')}\n`);
  return failed.length === 0 ? 0 : 1;
}

/** Called by `test/support/run.cjs`, which has started the server. @returns the exit code */
export const check = (): Promise<number> =>
  main().catch((error: Error & { code?: string }) => {
    const isOfOptions = error.code?.startsWith('ERR_PARSE_ARGS') === true || error instanceof RangeError;
    process.stderr.write(`${isOfOptions ? error.message : error.stack}\n`);
    return 1;
  });
