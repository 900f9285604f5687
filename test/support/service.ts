// Runs the built service as a process of its own, the way `npm start` does.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const MAIN = join(__dirname, '../../dist/apps/api/src/main.js');

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class Service {
  /** All that it has written so far, standard output and standard error. */
  output = '';
  readonly exited: Promise<Exit>;
  /** Each is called once, when more has been written. */
  private readonly looking: (() => void)[] = [];

  private constructor(readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        for (const look of this.looking.splice(0)) look();
      });
    this.exited = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  /** @param environment what it gets beside PATH; unless given, ports are free ones and nobody is waited for at its end */
  static spawn(environment: NodeJS.ProcessEnv): Service {
    const { PATH, HOME } = process.env;
    const defaults = { PORT: '0', ADMIN_PORT: '0', DRAIN_DELAY_MS: '0' };
    return new Service(spawn(process.execPath, [MAIN], { env: { PATH, HOME, ...defaults, ...environment } }));
  }

  /** A service that listens. */
  static async start(environment: NodeJS.ProcessEnv): Promise<Service> {
    const service = Service.spawn(environment);
    await service.until(/"app\.listening"/);
    return service;
  }

  get url(): string {
    return /"url":"(http:[^"]+)"/.exec(this.output)?.[1] ?? '';
  }

  /** Waits until its output matches; fails with that output if the process ends before. */
  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.output)) {
      const written = new Promise<void>((look) => this.looking.push(look));
      const ended = await Promise.race([written.then(() => false), this.exited.then(() => true)]);
      if (ended && !pattern.test(this.output)) throw new Error(`The service ended without ${pattern}:\n${this.output}`);
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.child.kill(signal);
    return this.exited;
  }
}
