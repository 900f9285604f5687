import { Database, sql } from '@app/database';
import type { Backlog } from '@app/telemetry';
import { Injectable } from '@nestjs/common';
import type { FeedFormat } from './feed.entity';
import type { RowFault, RunState } from './feed-run.entity';
import { tellJobs } from './feeds.jobs.repository';
import { KnownSkus } from './feeds.known.repository';
import { type Counted, RunLost, startOf } from './feeds.run-keys';

/** A run that a worker has taken, with all that it needs to know of the feed. */
export interface ClaimedRun {
  readonly id: string;
  /** With the worker's id it says whose run it is. */
  readonly starts: number;
  /** By those who had it before. */
  readonly attempts: number;
  readonly feedId: string;
  readonly url: string;
  /** With its port, as far as the URL names one. */
  readonly host: string;
  readonly format: FeedFormat;
  readonly clearsMissing: boolean;
  readonly ownerId: string;
  /** The URL behind redirects that the validators came with. */
  readonly foundAt: string | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** What a worker may still take. */
export interface Room {
  readonly feeds: number;
  /** Together with those that it has. */
  readonly perHost: number;
  readonly taken: ReadonlyMap<string, number>;
}

/** How far a run is, or how it ended. */
export interface RunReport {
  readonly id: string;
  readonly starts: number;
  readonly state: Exclude<RunState, 'queued' | 'cancelled'>;
  readonly httpStatus: number | null;
  readonly received: number;
  /** Rows that are in. */
  readonly settled: number;
  readonly rejected: number;
  readonly attempts: number;
  readonly bytes: number;
  readonly durationMs: number;
  readonly code: string | null;
  readonly detail: string | null;
  readonly errors: readonly RowFault[];
  /** To be sent with the next request, if the feed is still read in the same way. */
  readonly validators?: Validators;
}

export interface Validators {
  readonly url: string;
  readonly format: FeedFormat;
  readonly clearsMissing: boolean;
  readonly foundAt: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

const COLUMNS = sql`id uuid, starts integer, state text, "httpStatus" integer, received integer, settled integer, rejected integer,
  attempts integer, bytes bigint, "durationMs" integer, code text, detail text, errors jsonb`;

@Injectable()
export class FeedRunsRepository {
  readonly known: KnownSkus;

  constructor(private readonly database: Database) {
    this.known = new KnownSkus(database, (written) => this.count(written));
  }

  /**
   * Takes what waits, and what a worker has left, as far as nobody else is taking it. Runs of a host that has enough of the worker's stay
   * where they are, however many they are, and those behind them get its places.
   */
  claim(worker: string, { feeds, perHost, taken }: Room, leaseSeconds: number): Promise<ClaimedRun[]> {
    const has = JSON.stringify([...taken].map(([host, count]) => ({ host, count })));
    return this.database.rows<ClaimedRun>(sql`
      WITH has AS (
        SELECT host, count FROM json_to_recordset(${has}::json) AS has (host text, count integer)
      ), waiting AS (
        SELECT run.id, run.created_at, feed.host
        FROM feed_runs AS run JOIN (SELECT id, lower(split_part(split_part(url, '/', 3), '?', 1)) AS host FROM feeds) AS feed ON feed.id = run.feed_id
        WHERE (run.state = 'queued' OR (run.state = 'running' AND run.leased_until < now()))
          AND NOT EXISTS (SELECT FROM has WHERE has.host = feed.host AND has.count >= ${perHost})
        ORDER BY run.created_at, run.id LIMIT ${feeds} FOR UPDATE OF run SKIP LOCKED
      ), placed AS (
        SELECT id, host, coalesce(count, 0) + row_number() OVER (PARTITION BY host ORDER BY created_at, id) AS place
        FROM waiting LEFT JOIN has USING (host)
      ), taken AS (
        UPDATE feed_runs AS run SET state = 'running', worker = ${worker}::uuid, starts = starts + 1,
          leased_until = now() + make_interval(secs => ${leaseSeconds}), received = 0, rejected = 0, errors = '[]'
        FROM placed WHERE run.id = placed.id AND place <= ${perHost}
        RETURNING run.id, starts, attempts, feed_id, host
      )
      SELECT taken.id, starts, attempts, feed_id AS "feedId", feeds.url, host, feeds.format, feeds.clears_missing AS "clearsMissing",
        owner_id AS "ownerId", found_at AS "foundAt", etag, last_modified AS "lastModified"
      FROM taken JOIN feeds ON feeds.id = feed_id LEFT JOIN feed_validators AS known
        USING (feed_id, url, format, clears_missing)`);
  }

  /** What no worker has. */
  async backlog(): Promise<Backlog> {
    const [row] = await this.database.rows<Backlog>(sql`
      SELECT count(*)::integer AS waiting, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS "oldestSeconds"
      FROM feed_runs WHERE state = 'queued' OR (state = 'running' AND leased_until < now())`);
    return row as Backlog;
  }

  /** Says how far the worker's runs are, and keeps them its own. @returns those that are; the others were cancelled, or are another's. */
  report(worker: string, reports: readonly RunReport[], leaseSeconds: number): Promise<string[]> {
    return this.database.transaction(async () => {
      await this.database.rows(
        sql`SELECT FROM feed_runs WHERE id = ANY(${reports.map(({ id }) => id)}::uuid[]) ORDER BY id FOR UPDATE`,
      );
      const told = await this.database.rows<{ id: string; isOver: boolean }>(sql`
          UPDATE feed_runs AS run SET state = given.state, http_status = given."httpStatus", received = given.received,
            unchanged = greatest(0, given.settled - run.created - run.updated), rejected = given.rejected,
            attempts = given.attempts, bytes = given.bytes, duration_ms = given."durationMs", code = given.code, detail = given.detail,
            errors = given.errors, leased_until = now() + make_interval(secs => ${leaseSeconds}),
            finished_at = CASE WHEN given.state <> 'running' THEN now() END
          FROM json_to_recordset(${JSON.stringify(reports)}::json) AS given (${COLUMNS})
          WHERE run.id = given.id AND run.starts = given.starts AND run.worker = ${worker}::uuid AND run.state = 'running'
          RETURNING run.id, run.state <> 'running' AS "isOver"`);
      const over = told.filter(({ isOver }) => isOver).map(({ id }) => id);
      await this.keep(reports.filter(({ id, validators }) => validators && over.includes(id)));
      await tellJobs(this.database, over);
      return told.map(({ id }) => id);
    });
  }

  /**
   * Adds what a transaction has written to the counts of its runs, within that transaction. Nobody takes a run over, or ends it,
   * until the transaction has ended. The validators of an earlier version stand for what is in no longer: those of this one are kept
   * when the run ends well.
   * @throws RunLost when somebody has done so before: then the transaction must be undone
   */
  async count(written: readonly Counted[]): Promise<void> {
    if (written.length === 0) return;
    const given = written.map(({ key, ...counts }) => ({ ...startOf(key), ...counts }));
    const counted = await this.database.rows(sql`
      WITH locked AS (
        SELECT id, feed_id FROM feed_runs WHERE id = ANY(${given.map(({ id }) => id)}::uuid[]) ORDER BY id FOR UPDATE
      ), outdated AS (
        DELETE FROM feed_validators AS known USING locked WHERE known.feed_id = locked.feed_id
      )
      UPDATE feed_runs AS run SET created = run.created + given.created, updated = run.updated + given.updated,
        cleared = run.cleared + coalesce(given.cleared, 0)
      FROM locked JOIN json_to_recordset(${JSON.stringify(given)}::json)
        AS given (id uuid, starts integer, created integer, updated integer, cleared integer) USING (id)
      WHERE run.id = locked.id AND run.starts = given.starts AND run.state = 'running'
      RETURNING run.id`);
    if (counted.length < given.length) throw new RunLost();
  }

  /** Leaves the worker's runs to others, at once. */
  async release(worker: string): Promise<void> {
    await this.database.rows(
      sql`UPDATE feed_runs SET state = 'queued', worker = NULL WHERE worker = ${worker}::uuid AND state = 'running'`,
    );
  }

  private async keep(reports: readonly RunReport[]): Promise<void> {
    if (reports.length === 0) return;
    const rows = reports.map(({ id, validators }) => ({ id, ...validators }));
    await this.database.rows(sql`
      INSERT INTO feed_validators (feed_id, url, format, clears_missing, found_at, etag, last_modified)
      SELECT run.feed_id, given.url, given.format, "clearsMissing", "foundAt", given.etag, "lastModified"
      FROM json_to_recordset(${JSON.stringify(rows)}::json)
        AS given (id uuid, url text, format text, "clearsMissing" boolean, "foundAt" text, etag text, "lastModified" text)
      JOIN feed_runs AS run ON run.id = given.id
      ON CONFLICT (feed_id) DO UPDATE SET url = excluded.url, format = excluded.format, clears_missing = excluded.clears_missing,
        found_at = excluded.found_at, etag = excluded.etag, last_modified = excluded.last_modified`);
  }
}
