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
  /** Of the large table. */
  readonly rows: number;
  readonly isQuick: boolean;
  /** Of mixed load for the memory. */
  readonly soakMinutes: number;
  /** Another server that speaks the same paths. */
  readonly against?: string;
  /** Whether documents are written. */
  readonly isPublished: boolean;
  readonly jsonFile?: string;
  /** Names of scenarios; all when empty. */
  readonly only: readonly string[];
}

export const USAGE = `npm run bench -- [options]        every scenario, beside rivals that stand in apps/bench/baselines
npm run bench:cache -- [options]  cached reads, what their freshness costs, and a Redis that is killed

  --quick            small and short: 50000 rows, 2 rounds of 1 s, the long scenarios left out
  --only NAME        this scenario; may be repeated
  --list             what there is
  --data FILE        real items for the table (NDJSON or CSV, plain or gzip) instead of demo items
  --items N          that many demo items (60000)
  --rows N           rows of the large table (1000000)
  --large            10000000 rows
  --rounds N         rounds of each scenario (5)
  --seconds N        length of a round (5)
  --warm-up N        seconds of load for each server before its first round (3): slow machines compile for longer
  --connections N    connections (64)
  --soak MINUTES     of mixed load for the memory (0.5)
  --against URL      another server with GET /v1/items/{id} and GET /v1/items?limit=20 beside Floodgate; it is put under
                     full load, so name one of your own
  --json FILE        every figure of every round (.cache/bench/results.json); the page with the plots is written beside it
  --publish          writes tables and plots into docs/benchmarks.md and docs/images as well
`;

/** @throws Error with a sentence when the arguments make no sense */
export function optionsOf(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      data: { type: 'string' },
      items: { type: 'string' },
      rows: { type: 'string' },
      large: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      'warm-up': { type: 'string' },
      connections: { type: 'string', default: '64' },
      soak: { type: 'string' },
      against: { type: 'string' },
      quick: { type: 'boolean', default: false },
      publish: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
    },
  });
  const { quick, large, publish } = values;
  if (quick && publish) throw new Error('A quick run says whether it runs, not how fast: it is not published.');
  return {
    rounds: countOf('rounds', values.rounds ?? (quick ? '2' : '5')),
    seconds: countOf('seconds', values.seconds ?? (quick ? '1' : '5')),
    warmUpSeconds: countOf('warm-up', values['warm-up'] ?? (quick ? '1' : '3')),
    connections: countOf('connections', values.connections),
    file: values.data,
    items: countOf('items', values.items ?? (quick ? '10000' : '60000')),
    rows: countOf('rows', values.rows ?? (large ? '10000000' : quick ? '50000' : '1000000')),
    isQuick: quick,
    soakMinutes: minutesOf(values.soak ?? (quick ? '0.1' : '0.5')),
    against: values.against === undefined ? undefined : urlOf(values.against),
    isPublished: publish,
    jsonFile: values.json,
    only: values.only,
  };
}

function countOf(name: string, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new Error(`--${name} must be a whole number from 1.`);
  return count;
}

function minutesOf(text: string): number {
  const minutes = Number(text);
  if (!(minutes > 0)) throw new Error('--soak must be a number of minutes above 0.');
  return minutes;
}

function urlOf(text: string): string {
  if (!URL.canParse(text) || new URL(text).protocol !== 'http:') throw new Error('--against must be an http:// URL.');
  return new URL(text).origin;
}
