// A PostgreSQL of a test's own, which can be killed, and started again on the same port and data.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@app/embedded-postgres';
import { Client } from 'pg';

/** What is acknowledged outlives the server, but not the machine. */
const SETTINGS = { fsync: 'off', synchronous_commit: 'on', full_page_writes: 'off', max_connections: 100 };
const RESTART_MS = 30_000;

export class Postgres {
  private child?: ChildProcess;

  private constructor(
    private readonly server: EmbeddedPostgres,
    /** What PostgreSQL calls its data directory. */
    readonly dataFolder: string,
  ) {}

  /** @param settings further ones, of postgresql.conf */
  static async start(directory: string, settings: Readonly<Record<string, string | number>> = {}): Promise<Postgres> {
    const server = await startEmbeddedPostgres({
      directory,
      database: 'coherence',
      settings: { ...SETTINGS, ...settings },
    });
    const client = new Client({ connectionString: server.url });
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    await client.end();
    return new Postgres(server, rows[0]?.data_directory ?? '');
  }

  get url(): string {
    return this.server.url;
  }

  get port(): number {
    return this.server.port;
  }

  /** Immediate mode: every session is cut, nothing is written, the next start repairs. */
  async crash(): Promise<() => Promise<void>> {
    const pid = this.pid() ?? 0;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    const { uid, gid } = statSync(this.dataFolder);
    this.kill();
    while (isRunning(pid)) await sleep(5);
    return () => this.restart(command, { uid, gid });
  }

  /** @param signal SIGQUIT ends all sessions; after SIGKILL they find out for themselves that their server is gone */
  kill(signal: 'SIGQUIT' | 'SIGKILL' = 'SIGQUIT'): void {
    const pid = this.pid();
    if (pid !== undefined && isRunning(pid)) process.kill(pid, signal);
  }

  async stop(): Promise<void> {
    await this.server.stop();
    // Without the claim of the first start nobody stops the server that came after it.
    if (this.child && this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGINT');
      await once(this.child, 'exit');
    }
  }

  private pid(): number | undefined {
    try {
      return Number(readFileSync(`${this.dataFolder}/postmaster.pid`, 'utf8').split('\n')[0]);
    } catch {
      return undefined;
    }
  }

  private async restart([program = '', ...args]: string[], user: { uid: number; gid: number }): Promise<void> {
    const env = { LC_ALL: 'C', TZ: 'UTC' };
    const identity = process.getuid?.() === 0 ? user : {};
    this.child = spawn(program, args, { ...identity, env, cwd: this.dataFolder, stdio: 'ignore', detached: true });
    const deadline = performance.now() + RESTART_MS;
    while (!(await accepts(this.url))) {
      if (performance.now() > deadline) throw new Error('PostgreSQL did not come back.');
      await sleep(20);
    }
  }
}

async function accepts(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    void client.end().catch(() => undefined);
  }
}

/** A zombie, which only its parent can take away, does not run any more. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
