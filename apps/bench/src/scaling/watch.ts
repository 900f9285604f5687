// What real instances, and PostgreSQL on their behalf, have done so far.
import { readFileSync } from 'node:fs';
import type { Client } from 'pg';
import { cpuSecondsOf } from '../machine';

export interface Running {
  readonly url: string;
  readonly pid: number;
  readonly metricsUrl: string;
}

export interface Counts {
  readonly atMs: number;
  readonly polls: number;
  /** All polls together took so long. */
  readonly pollSeconds: number;
  readonly misses: number;
  readonly loads: number;
  readonly reads: number;
  readonly writes: number;
  readonly cacheBytes: number;
  readonly cacheEntries: number;
  /** Of the instances, and of PostgreSQL's processes that answer their feeds. */
  readonly ownCpuSeconds: number;
  readonly feedCpuSeconds: number;
  readonly connections: number;
}

export async function countsOf(instances: readonly Running[], client: Client): Promise<Counts> {
  const texts = await Promise.all(instances.map(async ({ metricsUrl }) => (await fetch(metricsUrl)).text()));
  const sum = (pattern: RegExp): number =>
    texts.reduce(
      (all, text) => all + [...text.matchAll(pattern)].reduce((own, [, value]) => own + Number(value), 0),
      0,
    );
  const { rows } = await client.query<{ pid: number; isFeed: boolean }>(
    `SELECT pid, application_name = 'floodgate feed' AS "isFeed" FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
  const loads = sum(/^cache_requests_total\{cache="items",outcome="loaded"\} (\S+)$/gm);
  return {
    atMs: performance.now(),
    polls: sum(/^change_feed_poll_duration_seconds_count\{.*\} (\S+)$/gm),
    pollSeconds: sum(/^change_feed_poll_duration_seconds_sum\{.*\} (\S+)$/gm),
    misses: loads + sum(/^cache_requests_total\{cache="items",outcome="redis"\} (\S+)$/gm),
    loads,
    reads: sum(/^http_request_duration_seconds_count\{method="GET",route="\/v1\/items\/:id",.*\} (\S+)$/gm),
    writes: sum(/^http_request_duration_seconds_count\{method="PATCH",.*\} (\S+)$/gm),
    cacheBytes: sum(/^cache_memory_bytes (\S+)$/gm),
    cacheEntries: sum(/^cache_memory_entries (\S+)$/gm),
    ownCpuSeconds: instances.reduce((all, { pid }) => all + cpuSecondsOf(pid), 0),
    feedCpuSeconds: rows.filter(({ isFeed }) => isFeed).reduce((all, { pid }) => all + scheduledSeconds(pid), 0),
    connections: rows.length,
  };
}

/** Finer than `stat`, which counts hundredths; of one thread, which is all that such a process has. */
const scheduledSeconds = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
