// Closed-loop load by wrk, one thread on the core of the load; by autocannon where wrk is missing, which loads less.
import { join } from 'node:path';
import { type Program, run } from './child';
import { cpuSecondsOf, isOnPath } from './machine';
import { ROOT } from './paths';
import type { Round } from './summary';

const SCRIPT = join(ROOT, 'apps/bench/wrk.lua');
let seed = 1;

export interface Load {
  readonly url: string;
  readonly requestsFile: string;
  readonly connections: number;
  readonly seconds: number;
  /** Counts statuses and hits; slows wrk down. */
  readonly looks?: boolean;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly bytes: number;
  /** Connections that failed. */
  readonly failed: number;
  /** Answers with a status above 399. */
  readonly refused: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of a load that looks. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly hits: number;
}

export async function load(wanted: Load): Promise<LoadResult> {
  const output = await run(isOnPath('wrk') ? wrk(wanted) : cannon(wanted));
  const result = /^RESULT (.+)$/m.exec(output)?.[1];
  if (result === undefined) throw new Error(`The load gave no result:\n${output}`);
  return JSON.parse(result) as LoadResult;
}

function wrk({ url, requestsFile, connections, seconds, looks = false }: Load): Program {
  const own = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '5s', '-s', SCRIPT, url];
  return { command: 'wrk', args: [...own, '--', requestsFile, String(seed++), ...(looks ? ['look'] : [])] };
}

function cannon({ url, requestsFile, connections, seconds, looks = false }: Load): Program {
  const own = [url, String(connections), String(seconds), requestsFile, ...(looks ? ['look'] : [])];
  return { command: process.execPath, args: [join(__dirname, 'cannon.js'), ...own] };
}

/** A load together with what the server used meanwhile. */
export async function measuredLoad(serverPid: number, options: Load): Promise<{ round: Round; result: LoadResult }> {
  const cpuBefore = cpuSecondsOf(serverPid);
  const result = await load(options);
  const cpuSeconds = cpuSecondsOf(serverPid) - cpuBefore;
  const { requests, seconds, p50Ms, p99Ms } = result;
  const round = { perSecond: requests / seconds, cpuMicroseconds: (cpuSeconds / requests) * 1e6, p50Ms, p99Ms };
  return { round, result };
}

/** How many were not served. */
interface Unserved extends Pick<LoadResult, 'requests' | 'failed' | 'refused'> {
  /** The last of the wrong ones, where it is known. */
  readonly wrongStatus?: number;
}

/**
 * @param mostRefused share of the answers that may be refusals
 * @throws Error when more were, or a connection failed
 */
export function refuseFailures(
  name: string,
  { failed, refused, requests, wrongStatus }: Unserved,
  mostRefused = 0,
): void {
  if (failed === 0 && refused <= mostRefused * requests) return;
  const status = wrongStatus ? ` (${wrongStatus})` : '';
  throw new Error(
    `${name}: ${refused} of ${requests} answers were refusals${status}, and ${failed} connections failed.`,
  );
}
