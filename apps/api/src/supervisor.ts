// Several processes that serve on one port: starts them, restarts the fallen, passes signals on, and ends when they have.
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { type Config, ConfigError } from '@app/config';
import { leastTotal } from '@app/database';
import { createLogger, logEvents, startAdminServer, Telemetry, WorkerMetrics } from '@app/telemetry';
import { type EmbeddedWorker, startEmbeddedWorker } from './embedded-worker';
import { LONGEST_MS, STOP_SIGNALS } from './leave';
import { openResources } from './resources';
import { listenAnyway, onWaiting } from './supervisor-word';

/** Milliseconds. Each fall in a row doubles the wait; who has served for so long falls for the first time. */
const WAIT = { first: 100, longest: 10_000, sound: 30_000 } as const;
/** In a row, of workers that have never listened, while nobody serves. */
const MAX_STILLBIRTHS = 5;

/** Runs that many workers until they are told to end; resolves with the exit code. */
export async function supervise(config: Config): Promise<number> {
  assertRoom(config);
  const telemetry = new Telemetry();
  logEvents(telemetry, createLogger(config));
  const metrics = new WorkerMetrics();
  const supervisor = new Supervisor(telemetry, metrics, config.databasePoolTotal !== null);
  // The embedded database outlives each of those who use it.
  const resources = await openResources(config, () => undefined);
  try {
    const { adminPort: port, adminHost: host } = config;
    const admin = port === null ? undefined : await startAdminServer({ port, host, metrics, isOfProcess: false });
    const code = await supervisor.run(config.workers, config.embedded ? startEmbeddedWorker : undefined);
    await admin?.close();
    return code;
  } finally {
    await resources.release();
  }
}

/** @throws ConfigError when not all of them could ever serve */
function assertRoom({ workers, embedded, databasePoolTotal }: Config): void {
  // The embedded service has one for feeds beside them.
  const least = leastTotal(workers + (embedded ? 1 : 0));
  if (databasePoolTotal !== null && databasePoolTotal < least)
    throw new ConfigError(
      `DATABASE_POOL_TOTAL is too small for WORKERS: they need ${least}. Raise it, or lower WORKERS.`,
    );
}

class Supervisor {
  private readonly workers = new Set<Worker>();
  private readonly serving = new Set<Worker>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private beside?: EmbeddedWorker;
  private end: () => void = () => undefined;
  private readonly ended = new Promise<void>((resolve) => (this.end = resolve));
  private isBooting = true;
  private isLeaving = false;
  private exitCode = 0;
  /** Less those that have fallen and are not to be started yet. */
  private wanted = 1;
  private falls = 0;
  private stillbirths = 0;
  private restarts = 0;

  constructor(
    private readonly telemetry: Telemetry,
    private readonly metrics: WorkerMetrics,
    /** One that waits for its share takes a connection to ask for it: room is kept for one only. */
    private readonly isOneByOne: boolean,
  ) {
    metrics.watch({
      kind: 'gauge',
      name: 'workers_serving',
      help: 'Workers that listen.',
      read: () => [{ value: this.serving.size }],
    });
    metrics.watch({
      kind: 'counter',
      name: 'worker_restarts_total',
      help: 'Workers that were started in the place of one that fell.',
      read: () => [{ value: this.restarts }],
    });
  }

  /** @param startBeside starts what runs once, beside all of them, when the first one serves */
  async run(count: number, startBeside?: () => EmbeddedWorker): Promise<number> {
    for (const signal of STOP_SIGNALS) process.on(signal, () => this.leave(signal));
    // Alone: what a first start makes is made once, and what keeps one from starting is said once.
    const first = this.start();
    await Promise.race([once(first, 'listening'), this.ended]);
    this.isBooting = false;
    if (!this.isLeaving) this.beside = startBeside?.();
    this.wanted = count;
    this.fill();
    await this.ended;
    await this.beside?.stop();
    return this.exitCode;
  }

  private fill(): void {
    const isFree = (): boolean => !this.isOneByOne || this.workers.size === this.serving.size;
    while (!this.isLeaving && this.workers.size < this.wanted && isFree()) this.start();
  }

  private start(): Worker {
    const worker = cluster.fork();
    this.workers.add(worker);
    worker.on('error', () => undefined);
    onWaiting(worker, () => this.serving.size === 0 && listenAnyway(worker));
    worker.once('listening', () => {
      this.serving.add(worker);
      this.metrics.joined(worker);
      this.stillbirths = 0;
      this.after(WAIT.sound, () => (this.falls = this.serving.has(worker) ? 0 : this.falls));
      if (!this.isBooting) this.fill();
    });
    worker.once('exit', (code: number | null, signal: NodeJS.Signals | null) => {
      const hasServed = this.serving.delete(worker);
      this.workers.delete(worker);
      this.metrics.left(worker);
      if (this.isLeaving || this.isBooting) this.left(code ?? 1);
      else this.fell(worker, hasServed, signal ?? String(code));
    });
    return worker;
  }

  /** The one that boots has said why. */
  private left(code: number): void {
    if (this.isBooting) this.isLeaving = true;
    this.exitCode ||= code;
    if (this.workers.size === 0) this.end();
  }

  private fell({ process: { pid = 0 } }: Worker, hasServed: boolean, reason: string): void {
    if (!hasServed && ++this.stillbirths >= MAX_STILLBIRTHS && this.serving.size === 0) {
      process.stderr.write(`Giving up: ${this.stillbirths} workers in a row have ended before they listened.\n`);
      this.exitCode = 1;
      return this.leave('SIGTERM');
    }
    const waitMs = Math.min(WAIT.longest, WAIT.first * 2 ** this.falls++);
    this.telemetry.emit('process.fell', { pid, reason, waitMs });
    if (this.serving.size === 0) this.workers.forEach(listenAnyway);
    this.wanted--;
    this.fill();
    this.after(waitMs, () => {
      this.restarts++;
      this.wanted++;
      this.fill();
    });
  }

  private leave(signal: NodeJS.Signals): void {
    this.isLeaving = true;
    void this.beside?.stop();
    for (const timer of this.timers) clearTimeout(timer);
    for (const worker of this.workers) worker.process.kill(signal);
    // Each ends by itself in time, unless it is frozen.
    this.after(LONGEST_MS, () => this.workers.forEach((worker) => worker.process.kill('SIGKILL')));
    if (this.workers.size === 0) this.end();
  }

  private after(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      work();
    }, ms).unref();
    this.timers.add(timer);
  }
}
