// One instance of the service as a process, behind proxies of its own for PostgreSQL and Redis.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FaultProxy, startProxy } from '../support/proxy';
import { freePort } from '../support/redis';

export interface InstanceSettings {
  readonly name: string;
  /** Folder of a build: `dist`, or a copy of it. */
  readonly build: string;
  readonly databaseUrl: string;
  readonly redisPort: number;
  readonly jwtSecret: string;
  readonly stalenessMs: number;
  /** Instead of, or beside, what it gets anyway. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Those that run; they end with the checker, however that ends. */
const children = new Set<ChildProcess>();
process.once('exit', () => children.forEach((child) => child.kill('SIGKILL')));

const START_MS = 60_000;
const MAX_OUTPUT = 20_000;

/** The class of the change feed's connection, which says in its first message who it is; all others are the pool's. */
export const FEED = 'feed';
export const POOL = 'pool';
export const classify = (first: Buffer): string => (first.includes('floodgate feed') ? FEED : POOL);

export class Instance {
  /** The last of what it wrote. */
  output = '';
  /** How often it was started. */
  incarnation = 0;
  private child?: ChildProcess;

  private constructor(
    private readonly settings: InstanceSettings,
    readonly port: number,
    readonly database: FaultProxy,
    readonly redis: FaultProxy,
  ) {}

  static async start(settings: InstanceSettings): Promise<Instance> {
    const database = await startProxy(Number(new URL(settings.databaseUrl).port), { classify });
    const redis = await startProxy(settings.redisPort);
    const instance = new Instance(settings, await freePort(), database, redis);
    await instance.run();
    return instance;
  }

  get name(): string {
    return this.settings.name;
  }

  /** Starts the process, and waits until it answers. */
  async run(): Promise<void> {
    const { build, databaseUrl, jwtSecret, stalenessMs, environment } = this.settings;
    const url = new URL(databaseUrl);
    url.port = String(this.database.port);
    const child = spawn(process.execPath, [join(build, 'apps/api/src/main.js')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        DATABASE_URL: url.href,
        DATABASE_POOL: '8',
        MIGRATE: 'true',
        REDIS_URL: `redis://127.0.0.1:${this.redis.port}`,
        JWT_SECRET: jwtSecret,
        PORT: String(this.port),
        ADMIN_PORT: 'off',
        DRAIN_DELAY_MS: '0',
        RATE_LIMIT_WRITES: 'off',
        RATE_LIMIT_LOGINS: 'off',
        LOG_LEVEL: 'warn',
        CACHE_STALENESS_MS: String(stalenessMs),
        // The least there is, so that changes are forgotten and values evicted.
        CACHE_MEMORY_MB: '1',
        ...environment,
      },
    });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.output = (this.output + text).slice(-MAX_OUTPUT)));
    children.add(child.once('exit', () => children.delete(child)));
    this.child = child;
    this.incarnation++;
    const deadline = performance.now() + START_MS;
    while (!(await this.isReady())) {
      const hasEnded = child.exitCode !== null || child.signalCode !== null;
      if (hasEnded || performance.now() > deadline) throw new Error(`${this.name} does not start:\n${this.output}`);
      await sleep(20);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill();
    await this.database.close();
    await this.redis.close();
  }

  private async isReady(): Promise<boolean> {
    try {
      return (await fetch(`http://127.0.0.1:${this.port}/health/ready`, { signal: AbortSignal.timeout(1_000) })).ok;
    } catch {
      return false;
    }
  }
}
