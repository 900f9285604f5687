import { parseArgs } from 'node:util';

export interface Options {
  readonly rounds: number;
  readonly seconds: number;
  /** Of load before the first round, so that everything is compiled and kept. */
  readonly warmUpSeconds: number;
  readonly connections: number;
  /** Real items, NDJSON or CSV, plain or gzip; demo items when absent. */
  readonly file?: string;
  /** How many demo items. */
  readonly items: number;
  readonly jsonFile?: string;
  /** Names of scenarios; all when empty. */
  readonly only: readonly string[];
}

export const USAGE = `npm run bench:cache -- [options]
  --data FILE        real items for the table (NDJSON or CSV, plain or gzip) instead of demo items
  --items N          that many demo items (60000)
  --rounds N         rounds of each scenario (5)
  --seconds N        length of a round (5)
  --connections N    connections of wrk (64)
  --quick            3 rounds of 2 s
  --only NAME        this scenario; may be repeated
  --json FILE        every figure of every round
`;

/** @throws Error with a sentence when the arguments make no sense */
export function optionsOf(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      data: { type: 'string' },
      items: { type: 'string', default: '60000' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      connections: { type: 'string', default: '64' },
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
    },
  });
  return {
    rounds: countOf('rounds', values.rounds ?? (values.quick ? '3' : '5')),
    seconds: countOf('seconds', values.seconds ?? (values.quick ? '2' : '5')),
    warmUpSeconds: values.quick ? 1 : 3,
    connections: countOf('connections', values.connections),
    file: values.data,
    items: countOf('items', values.items),
    jsonFile: values.json,
    only: values.only,
  };
}

function countOf(name: string, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new Error(`--${name} must be a whole number from 1.`);
  return count;
}
