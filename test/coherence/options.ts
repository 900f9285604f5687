// The command line, and what the short and the full form of the check are.
import { parseArgs } from 'node:util';

interface Form {
  readonly instances: number;
  /** That the phases under faults and without must reach. */
  readonly reads: number;
  readonly calmReads: number;
  /** Milliseconds that each of these phases takes at least, and at most. */
  readonly leastMs: number;
  readonly mostMs: number;
  /** Milliseconds that the p99.99 of staleness without faults may reach; wake-ups make it much less than the bound. */
  readonly calmMs: number;
  /** Milliseconds after which a mutant has got away. */
  readonly patienceMs: number;
  /** Milliseconds that the build as it is must hold out at least where mutants are caught. */
  readonly controlMs: number;
}

export interface Options extends Form {
  readonly isShort: boolean;
  /** Leaves the phases with all faults and without out. */
  readonly onlyMutants: boolean;
  /** Leaves the mutants out. */
  readonly noMutants: boolean;
  readonly seed: number;
  /** Δ of these phases, in milliseconds; mutants are hunted at 100, for which their workloads are made. */
  readonly stalenessMs: number;
  readonly json?: string;
}

/** Every fault, and reads without end. */
const FULL: Form = {
  instances: 3,
  ...{ reads: 10_000_000, calmReads: 1_000_000, leastMs: 60_000, mostMs: 3 * 3_600_000 },
  ...{ calmMs: 20, patienceMs: 60_000, controlMs: 20_000 },
};

/** For each change of the program: three minutes on two cores, which other tests may be using. */
const SHORT: Form = {
  instances: 2,
  ...{ reads: 5_000, calmReads: 5_000, leastMs: 15_000, mostMs: 60_000 },
  ...{ calmMs: Infinity, patienceMs: 20_000, controlMs: 4_000 },
};

export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      short: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      staleness: { type: 'string', default: '100' },
      reads: { type: 'string' },
      'only-mutants': { type: 'boolean', default: false },
      'no-mutants': { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  const form = values.short ? SHORT : FULL;
  const reads = values.reads === undefined ? form.reads : wholeNumber('reads', values.reads);
  return {
    ...form,
    isShort: values.short,
    onlyMutants: values['only-mutants'],
    noMutants: values['no-mutants'],
    seed: wholeNumber('seed', values.seed),
    stalenessMs: wholeNumber('staleness', values.staleness),
    reads,
    calmReads: Math.min(form.calmReads, reads),
    json: values.json,
  };
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text.replaceAll(/[,_]/g, ''));
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`--${name} must be a whole number above 0.`);
  return number;
}
