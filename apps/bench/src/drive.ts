// Runs the driver as a process of its own, on the core of the load.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './child';
import { cpuSecondsOf } from './machine';
import type { Staleness } from './scenario';
import type { Source } from './shots';
import type { Round } from './summary';
import { refuseFailures } from './wrk';

export interface Drive {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** Of an open loop; a closed one when absent. */
  readonly ratePerSecond?: number;
  /** Never sleeps between requests, so that each leaves when it is due; not where a database needs the same core. */
  readonly isPrecise?: boolean;
  readonly source: Source;
}

export interface DriveResult {
  readonly requests: number;
  readonly seconds: number;
  /** Connections that broke, and answers that never came. */
  readonly failed: number;
  /** Answers with another status than the right one, and the last such. */
  readonly refused: number;
  readonly wrongStatus: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  readonly staleness?: Omit<Staleness, 'name'>;
}

let drives = 0;

/**
 * @param mostRefused share of the answers that may be refusals
 * @throws Error when an answer was not as it must be
 */
export async function drive(name: string, directory: string, plan: Drive, mostRefused = 0): Promise<DriveResult> {
  const file = join(directory, `${drives++}.drive`);
  writeFileSync(file, JSON.stringify(plan));
  const output = await run({ command: process.execPath, args: [join(__dirname, 'driver.js'), file] });
  const result = JSON.parse(/^RESULT (.+)$/m.exec(output)?.[1] ?? '') as DriveResult;
  refuseFailures(name, result, mostRefused);
  return result;
}

export async function measuredDrive(
  name: string,
  serverPid: number,
  directory: string,
  plan: Drive,
): Promise<{ round: Round; result: DriveResult }> {
  const cpuBefore = cpuSecondsOf(serverPid);
  const result = await drive(name, directory, plan);
  const { requests, seconds, p50Ms, p99Ms } = result;
  const cpuMicroseconds = ((cpuSecondsOf(serverPid) - cpuBefore) / requests) * 1e6;
  return { round: { perSecond: requests / seconds, cpuMicroseconds, p50Ms, p99Ms }, result };
}
