// The command line.
import { parseArgs } from 'node:util';

export interface Options {
  readonly requests: number;
  readonly seed: number;
}

export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: { requests: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
  });
  return { requests: wholeNumber('requests', values.requests), seed: wholeNumber('seed', values.seed) };
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text.replaceAll(/[,_]/g, ''));
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`--${name} must be a whole number above 0.`);
  return number;
}
