// Processes that are started for a measurement, and end with it however it ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { SERVER_CORE } from './machine';

export interface Server {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const START_MS = 60_000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** Beside what this process has. */
  readonly environment?: NodeJS.ProcessEnv;
}

function start({ command, args, environment }: Program): { child: ChildProcess; output: () => string } {
  const child = spawn(command, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      // A server that logs for minutes must not fill the memory.
      output = (output + text).slice(-20_000);
    });
  return { child, output: () => output };
}

/** Runs it to its end. @throws Error with what it wrote when it fails */
export async function run(program: Program): Promise<string> {
  const { child, output } = start(program);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${program.command} ${program.args.join(' ')} failed:\n${output()}`);
  return output();
}

/** One that says nothing when it is ready. */
export function startProgram(program: Program): { pid: number; output: () => string; stop: () => Promise<void> } {
  const { child, output } = start(program);
  return { pid: child.pid as number, output, stop: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
}

/** Waits until it says what `ready` finds, whose first group is the URL. @throws Error with what it wrote when it ends before or takes too long */
export async function serve(program: Program, ready: RegExp): Promise<Server> {
  const { child, output } = start(program);
  const found = new Promise<string>((resolve, reject) => {
    const refuse = (what: string) => () => reject(new Error(`${program.args.join(' ')} ${what}:\n${output()}`));
    child.once('error', reject).once('close', refuse('ended'));
    setTimeout(refuse(`was not ready in ${START_MS / 1_000} s`), START_MS).unref();
    const look = (): void => {
      const match = ready.exec(output());
      if (match) resolve(match[1] ?? '');
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
  });
  const url = await found;
  return { url, pid: child.pid as number, stop: () => end(child) };
}

/** A script of Node on the core of the server. */
export const pinned = (script: string, args: readonly string[], environment?: NodeJS.ProcessEnv): Program => ({
  command: 'taskset',
  args: ['-c', SERVER_CORE, process.execPath, script, ...args],
  environment,
});
