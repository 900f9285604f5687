// Debian's Prometheus with the configuration of `deploy`, on a free port and in a folder that goes with it; it scrapes every second.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { DEPLOY } from './proxies';
import { freePort } from './redis';

/** Ports of the metrics on this machine, by the name of the job. */
export type Targets = Readonly<Record<string, readonly number[]>>;

interface Configuration {
  global: Record<string, string>;
  rule_files: string[];
  scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
}

export class Prometheus {
  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
    private readonly folder: string,
  ) {}

  /** @param path of the program, as `describeWith('prometheus', …)` gives it */
  static async start(path: string, targets: Targets): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'floodgate-prometheus-'));
    chmodSync(folder, 0o755);
    const file = join(folder, 'prometheus.yaml');
    writeFileSync(file, stringify(configurationOf(targets)));
    const port = await freePort();
    const words = [
      `--config.file=${file}`,
      `--storage.tsdb.path=${folder}/series`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    const child = spawn(path, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = once(child, 'exit').then(() => undefined);
    let said = '';
    while (!said.includes('Server is ready')) {
      const part = await Promise.race([once(child.stderr, 'data'), ended]);
      if (!part) throw new Error(`Prometheus has ended: ${said}`);
      said += String(part[0]);
    }
    child.stderr.resume();
    return new Prometheus(child, port, folder);
  }

  async get<Answer>(path: string): Promise<Answer> {
    const response = await fetch(`http://127.0.0.1:${this.port}/api/v1/${path}`);
    const { status, data, error } = (await response.json()) as { status: string; data: Answer; error?: string };
    if (status !== 'success') throw new Error(`${decodeURIComponent(path)}: ${error}`);
    return data;
  }

  /** The values that a query has now. */
  async values(query: string): Promise<number[]> {
    const path = `query?query=${encodeURIComponent(query)}`;
    const { result } = await this.get<{ result: { value: [number, string] }[] }>(path);
    return result.map(({ value }) => Number(value[1].replace('Inf', 'Infinity')));
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    if (this.child.exitCode === null && this.child.kill('SIGKILL')) await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Throws when a job is there that nobody has a target for. */
function configurationOf(targets: Targets): Configuration {
  const shipped = parse(readFileSync(join(DEPLOY, 'prometheus/prometheus.yaml'), 'utf8')) as Configuration;
  return {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: shipped.rule_files.map((name) => join(DEPLOY, 'prometheus', name)),
    scrape_configs: shipped.scrape_configs.map((job) => {
      const ports = targets[job.job_name];
      if (!ports) throw new Error(`The job ${job.job_name} of deploy/prometheus has no target here.`);
      return { ...job, static_configs: [{ targets: ports.map((port) => `127.0.0.1:${port}`) }] };
    }),
  };
}
