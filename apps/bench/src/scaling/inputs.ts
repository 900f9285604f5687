// What one request, one poll and one message cost: docs/scaling.json, from `npm run bench` and from `npm run simulate -- --measure`.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../paths';
import { type Run } from '../results';

export const INPUTS = join(ROOT, 'docs/scaling.json');

/** Of the service, from docs/benchmarks.md; CPU in microseconds. */
export interface Published {
  readonly from: string;
  readonly cached: number;
  readonly notModified: number;
  readonly uncached: number;
  readonly written: number;
  /** Of the servers that shared the core of the load; so a limit of theirs from below. */
  readonly rowsPerSecond: number;
  readonly writesPerSecond: number;
}

/** CPU in microseconds. */
export interface Measured {
  readonly from: string;
  /** From the beginning of a poll to its answer, as an instance sees it. */
  readonly pollMs: number;
  /** Of PostgreSQL: a poll that finds nothing, and what each change adds that it finds. */
  readonly poll: number;
  readonly change: number;
  /** Of an instance that does nearly nothing else, for each poll. */
  readonly ownPoll: number;
  /** Of Redis: a GET, a SET, a PUBLISH nobody hears, and what each who hears it adds. */
  readonly get: number;
  readonly set: number;
  readonly publish: number;
  readonly delivery: number;
  /** Bytes of memory that an item takes that was read by id. */
  readonly itemBytes: number;
  /** Of an item, with its headers. */
  readonly answerBytes: number;
  readonly balancers: Balancers;
  readonly seen: readonly Seen[];
}

/** CPU for one request, in microseconds; null where the program is missing. */
export interface Balancers {
  readonly haproxy: number | null;
  readonly nginx: number | null;
  /** Answered by nginx from its micro-cache. */
  readonly kept: number | null;
}

/** What real instances did under a load that the simulation can be given, too. */
export interface Seen {
  readonly instances: number;
  readonly isWithRedis: boolean;
  readonly readsPerSecond: number;
  readonly writesPerSecond: number;
  readonly items: number;
  readonly exponent: number;
  readonly polls: number;
  readonly misses: number;
  readonly loads: number;
  readonly connections: number;
  readonly pollMs: number;
}

export interface Inputs {
  readonly published: Published;
  readonly measured: Measured;
}

export const readInputs = (): Inputs => JSON.parse(readFileSync(INPUTS, 'utf8')) as Inputs;
export const writeInputs = (inputs: Inputs): void => writeFileSync(INPUTS, `${JSON.stringify(inputs, null, 2)}\n`);

/** @throws Error when the file is none, or lacks a scenario */
export function publishedOf(file: string): Published {
  if (!existsSync(file)) throw new Error(`--bench: there is no file ${file}; npm run bench -- --json FILE writes one.`);
  const { at, command, machine, chapters } = JSON.parse(readFileSync(file, 'utf8')) as Run;
  const row = (scenario: string, name: string) => {
    const found = chapters.find((one) => one.name === scenario)?.result.summaries?.find((one) => one.name === name);
    if (!found) throw new Error(`--bench: ${file} has no figure of ${name} in the scenario ${scenario}.`);
    return { cpu: rounded(found.cpuMicroseconds.median), perSecond: Math.round(found.perSecond.median) };
  };
  const [uncached, patched] = [row('uncached', 'Floodgate'), row('api-writes', 'logged')];
  return {
    from: `\`${command}\` on ${at.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`,
    cached: row('item', 'Floodgate').cpu,
    notModified: row('not-modified', 'Floodgate').cpu,
    uncached: uncached.cpu,
    written: patched.cpu,
    rowsPerSecond: uncached.perSecond,
    writesPerSecond: row('writes', 'logged').perSecond,
  };
}

/** Three digits say what such a figure knows. */
export const rounded = (value: number): number => Number(value.toPrecision(3));
