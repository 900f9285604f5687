// One core for the server that is measured, another for everything that loads it; what a process has used so far.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';

export const SERVER_CORE = '0';
const LOAD_CORE = '1';

/** Of /proc: a hundred in each second on every Linux. */
const TICKS_PER_SECOND = 100;

export const isOnPath = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** @throws Error with a sentence when this machine can't be measured on */
export function checkMachine(programs: readonly string[]): void {
  if (process.platform !== 'linux') throw new Error('Measured on Linux only: processes are pinned and read in /proc.');
  const missing = programs.filter((program) => !isOnPath(program));
  if (missing.length > 0) throw new Error(`Install ${missing.join(' and ')} first: not found on the PATH.`);
  if (availableParallelism() < 2) throw new Error('Two cores are needed: one for the server, one for the load.');
}

/** From now on this process runs on the core of the load, and so does whatever it starts without another word. */
export function moveToLoadCore(): void {
  const { status, stderr } = spawnSync('taskset', ['-a', '-cp', LOAD_CORE, String(process.pid)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`taskset could not pin this process: ${stderr}`);
}

/** User and system time of all its threads, in seconds; NaN of a process that is not here. */
export function cpuSecondsOf(pid: number): number {
  if (Number.isNaN(pid)) return NaN;
  // The second field is the name in brackets, which may hold anything.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The most memory that it has had resident, in mebibytes; NaN of a process that is not here. */
export const peakMebibytesOf = (pid: number): number => mebibytesOf(pid, 'VmHWM');
export const residentMebibytesOf = (pid: number): number => mebibytesOf(pid, 'VmRSS');

/** From now on its peak is that of what comes. */
export const forgetPeakOf = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');

function mebibytesOf(pid: number, line: 'VmHWM' | 'VmRSS'): number {
  if (Number.isNaN(pid)) return NaN;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${line}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1_024;
}

export const modelOfCpu = (): string =>
  /^model name\s*:\s*(.+)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown';
