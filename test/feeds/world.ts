// A service, workers and a database for the check, as operators run them: each a process of its own.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@app/embedded-postgres';
import { Client } from 'pg';
import { Service } from '../support/service';
import { spawnWorker } from '../support/worker';

const ADMIN = { email: 'admin@floodgate.example', password: 'a password of this check only' };
const SETTINGS = { shared_preload_libraries: 'pg_stat_statements' };

export interface Job {
  readonly id: string;
  readonly state: string;
  readonly createdAt: string;
  readonly finishedAt: string;
  readonly progress: Readonly<Record<string, number>>;
}

export class World {
  private constructor(
    readonly service: Service,
    readonly database: Client,
    private readonly postgres: EmbeddedPostgres,
    private readonly folder: string,
    private readonly token: string,
  ) {}

  static async start(): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), 'floodgate-feeds-'));
    // Open to the user that PostgreSQL runs as, or root's data would be kept elsewhere.
    chmodSync(folder, 0o755);
    const postgres = await startEmbeddedPostgres({ directory: folder, settings: SETTINGS });
    const service = await Service.start({
      DATABASE_URL: postgres.url,
      MIGRATE: 'true',
      JWT_SECRET: 'a secret that is used in tests only, 32 bytes or more',
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      RATE_LIMIT_WRITES: 'off',
      RATE_LIMIT_BULK: 'off',
    });
    const database = new Client({ connectionString: postgres.url });
    await database.connect();
    await database.query('CREATE EXTENSION pg_stat_statements');
    const body = JSON.stringify(ADMIN);
    const headers = { 'content-type': 'application/json' };
    const login = await fetch(`${service.url}/v1/auth/login`, { method: 'POST', headers, body });
    const { accessToken } = (await login.json()) as { accessToken: string };
    return new World(service, database, postgres, folder, accessToken);
  }

  async stop(): Promise<void> {
    await this.database.end();
    await this.service.stop();
    await this.postgres.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async ask<Body>(method: string, path: string, body?: string, type = 'application/json'): Promise<Body> {
    const headers = { authorization: `Bearer ${this.token}`, ...(body !== undefined && { 'content-type': type }) };
    const answer = await fetch(`${this.service.url}${path}`, { method, headers, body });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Body;
  }

  /** Resolves to the ids, in the order of the URLs. */
  async addFeeds(urls: readonly string[], name: string): Promise<string[]> {
    const ids: string[] = [];
    for (const [at, url] of urls.entries()) {
      const feed = { name: `${name} ${at}`, url, format: 'ndjson' };
      ids.push((await this.ask<{ id: string }>('POST', '/v1/feeds', JSON.stringify(feed))).id);
    }
    return ids;
  }

  /** The job when it is over, by the clock of the database. */
  async refresh(feedIds: readonly string[]): Promise<Job & { readonly ms: number }> {
    const { id } = await this.ask<Job>('POST', '/v1/feeds/refresh', JSON.stringify({ feedIds }));
    // Told of by events, as whoever waits is to be: asking for hundreds of outcomes again and again would be a load of its own.
    const headers = { authorization: `Bearer ${this.token}` };
    await (await fetch(`${this.service.url}/v1/jobs/${id}/events`, { headers })).text();
    const job = await this.ask<Job>('GET', `/v1/jobs/${id}`);
    if (job.state !== 'done') throw new Error(`The events of a job that is ${job.state} have ended.`);
    return { ...job, ms: Date.parse(job.finishedAt) - Date.parse(job.createdAt) };
  }

  /** While a worker runs that reads so many feeds at the same time. */
  async withWorker<Value>(concurrency: number, use: (worker: ChildProcess) => Promise<Value>): Promise<Value> {
    const worker = await spawnWorker(this.postgres.url, { FEEDS_CONCURRENCY: String(concurrency) });
    try {
      return await use(worker);
    } finally {
      const exited = once(worker, 'exit');
      worker.kill('SIGTERM');
      await exited;
    }
  }

  /** The first row that the statement gives. */
  async row<Row>(text: string): Promise<Row> {
    return (await this.database.query(text)).rows[0] as Row;
  }
}

/** The most memory that the process had in RAM so far, in mebibytes. */
export const peakMib = ({ pid }: ChildProcess): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
