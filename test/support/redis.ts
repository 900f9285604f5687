// A real Redis for one test file: on a port of its own, nothing on disk; it can be killed, frozen and brought back.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';

export interface RedisOptions {
  /** Further settings of redis.conf by name, for example `{ maxmemory: '2mb' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export class RedisServer {
  private child?: ChildProcess;
  readonly url: string;

  private constructor(
    private readonly path: string,
    readonly port: number,
    private readonly directory: string,
    private readonly settings: Readonly<Record<string, string>>,
  ) {
    this.url = `redis://127.0.0.1:${port}`;
  }

  static async start(path: string, { settings = {} }: RedisOptions = {}): Promise<RedisServer> {
    const directory = mkdtempSync(join(tmpdir(), 'floodgate-redis-'));
    const server = new RedisServer(path, await freePort(), directory, settings);
    try {
      await server.restart();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Sends one command over a connection of its own. */
  async send(...words: string[]): Promise<unknown> {
    const client = createClient({ url: this.url, socket: { reconnectStrategy: false } });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await client.sendCommand(words);
    } finally {
      await client.disconnect();
    }
  }

  async flush(): Promise<void> {
    await this.send('FLUSHALL');
  }

  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Starts it on the same port, empty; one that runs is killed before. */
  async restart(): Promise<void> {
    await this.kill();
    const settings = { port: String(this.port), bind: '127.0.0.1', save: '', appendonly: 'no', ...this.settings };
    const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    const child = spawn(this.path, words, { cwd: this.directory, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    let output = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes('Ready to accept connections')) resolve();
      });
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`redis-server ended:\n${output}`)));
    });
    await this.send('PING');
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** @param path of the program, as `describeWith('redis-server', …)` gives it */
export const startRedis = (path: string, options?: RedisOptions): Promise<RedisServer> =>
  RedisServer.start(path, options);

/**
 * Below the ports that the system gives to clients: whoever keeps connecting to a dead port among those is one day given
 * that very port, and then speaks to itself.
 */
export async function freePort(): Promise<number> {
  const port = randomInt(10_000, 32_000);
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return freePort();
  }
  await new Promise((resolve) => server.close(resolve));
  return port;
}
