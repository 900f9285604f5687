import { Database, raw, sql, type Sql } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { FeedRun, RunState } from './feed-run.entity';

export interface JobRow {
  readonly id: string;
  readonly createdAt: Date;
  readonly cancelledAt: Date | null;
  /** Of the last of its runs that ended; null while some are left. */
  readonly finishedAt: Date | null;
  /** Of its last event. */
  readonly position: number;
  readonly feeds: number;
  readonly queued: number;
  readonly running: number;
  readonly succeeded: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly received: number;
  readonly created: number;
  readonly updated: number;
  readonly rejected: number;
}

export type OutcomeRow = Pick<
  FeedRun,
  | 'feedId'
  | 'httpStatus'
  | 'received'
  | 'created'
  | 'updated'
  | 'unchanged'
  | 'rejected'
  | 'cleared'
  | 'attempts'
  | 'bytes'
  | 'durationMs'
  | 'code'
  | 'detail'
  | 'errors'
> & { readonly jobId: string; readonly name: string; readonly state: RunState; readonly position: number | null };

const ROWS_PER_DELETION = 500;

/** To a job that was cancelled, a run that went on for another one is over. */
const STATE = raw(
  `CASE WHEN job.cancelled_at IS NOT NULL AND (run.finished_at IS NULL OR run.finished_at > job.cancelled_at) THEN 'cancelled' ELSE run.state END`,
);
const COUNTS = raw(
  ['queued', 'running', 'succeeded', 'unchanged', 'failed', 'cancelled']
    .map((state) => `count(run.id) FILTER (WHERE run.state = '${state}')::integer AS "${state}"`)
    .join(', '),
);
const SUMS = raw(
  ['received', 'created', 'updated', 'rejected']
    .map((column) => `coalesce(sum(run.${column}), 0)::bigint AS "${column}"`)
    .join(', '),
);

/** One for each of these feeds that has none. It neither locks nor waits for those that are there. */
const newRuns = (feedIds: readonly string[]): Sql => sql`
  INSERT INTO feed_runs (id, feed_id)
  SELECT gen_random_uuid(), id FROM feeds WHERE id = ANY(${`{${feedIds.join(',')}}`}::uuid[]) ORDER BY id
  ON CONFLICT (feed_id) WHERE state IN ('queued', 'running') DO NOTHING`;

@Injectable()
export class FeedJobsRepository {
  constructor(private readonly database: Database) {}

  /** Those of these feeds that there are; all enabled ones unless given. */
  async feedIds(ids: readonly string[] | undefined): Promise<string[]> {
    const wanted = ids ? sql`id = ANY(${ids}::uuid[])` : sql`enabled`;
    const rows = await this.database.rows<{ id: string }>(sql`SELECT id FROM feeds WHERE ${wanted} ORDER BY id`);
    return rows.map(({ id }) => id);
  }

  /** A feed that is being refreshed, or waits for it, is joined. */
  async create(id: string, requestedBy: string, feedIds: readonly string[]): Promise<void> {
    const job = sql`INSERT INTO feed_jobs (id, requested_by) VALUES (${id}, ${requestedBy})`;
    await this.database.transaction(
      async () => {
        for (let left = await this.join(id, feedIds); left.length > 0; left = await this.join(id, left))
          await this.database.rows(newRuns(left));
      },
      { first: [job, newRuns(feedIds)] },
    );
  }

  /**
   * Locks runs in the order of their ids, as all others do, so that nobody waits in a circle.
   * @returns feeds whose run has ended since it kept a new one away
   */
  private async join(jobId: string, feedIds: readonly string[]): Promise<string[]> {
    const left = await this.database.rows<{ id: string }>(sql`
      WITH live AS (
        SELECT id, feed_id FROM feed_runs WHERE feed_id = ANY(${feedIds}::uuid[]) AND state IN ('queued', 'running') ORDER BY id FOR UPDATE
      ), joined AS (
        INSERT INTO feed_job_runs (job_id, run_id) SELECT ${jobId}::uuid, id FROM live
      )
      SELECT id FROM feeds WHERE id = ANY(${feedIds}::uuid[]) AND id NOT IN (SELECT feed_id FROM live)`);
    return left.map(({ id }) => id);
  }

  /** How far these jobs are; those that there are. */
  list(ids: readonly string[]): Promise<JobRow[]> {
    return this.database.rows<JobRow>(sql`
      SELECT job.id, job.created_at AS "createdAt", job.cancelled_at AS "cancelledAt", job.position,
        CASE WHEN bool_and(run.state NOT IN ('queued', 'running')) IS NOT FALSE
          THEN coalesce(max(run.finished_at), job.created_at) END AS "finishedAt",
        count(run.id)::integer AS feeds, ${COUNTS}, ${SUMS}
      FROM feed_jobs AS job LEFT JOIN feed_job_runs AS part ON part.job_id = job.id
        LEFT JOIN LATERAL (SELECT id, received, created, updated, rejected, finished_at, ${STATE} AS state FROM feed_runs AS run WHERE run.id = part.run_id) AS run ON true
      WHERE job.id = ANY(${ids}::uuid[]) GROUP BY job.id`);
  }

  /** What has become of each feed, in the order of the events; those that are not over come last. @param after an event's position */
  outcomes(jobId: string, after?: number): Promise<OutcomeRow[]> {
    return this.database.rows<OutcomeRow>(sql`
      SELECT part.job_id AS "jobId", part.position, run.feed_id AS "feedId", feeds.name, ${STATE} AS state,
        run.http_status AS "httpStatus", run.received, run.created, run.updated, run.unchanged, run.rejected, run.cleared,
        run.attempts, run.bytes, run.duration_ms AS "durationMs", run.code, run.detail, run.errors
      FROM feed_job_runs AS part JOIN feed_jobs AS job ON job.id = part.job_id
        JOIN feed_runs AS run ON run.id = part.run_id JOIN feeds ON feeds.id = run.feed_id
      WHERE part.job_id = ${jobId} ${after === undefined ? sql`` : sql`AND part.position > ${after}`}
      ORDER BY part.position NULLS LAST, feeds.name`);
  }

  /** Ends those of its runs that no other job waits for. False if there is no such job. */
  async cancel(id: string): Promise<boolean> {
    const live = sql`
      SELECT run.id FROM feed_runs AS run JOIN feed_job_runs AS part ON part.run_id = run.id
      WHERE part.job_id = ${id} AND run.state IN ('queued', 'running') ORDER BY run.id FOR UPDATE OF run`;
    return this.database.transaction(
      async ([rows = []]) => {
        const ids = rows.map((row) => row['id'] as string);
        const [job] = await this.database.rows(sql`
          UPDATE feed_jobs SET cancelled_at = CASE WHEN ${ids.length > 0}::boolean THEN coalesce(cancelled_at, now()) ELSE cancelled_at END
          WHERE id = ${id} RETURNING id`);
        const ended = await this.database.rows<{ id: string }>(sql`
          UPDATE feed_runs AS run SET state = 'cancelled', finished_at = now(), worker = NULL
          WHERE id = ANY(${ids}::uuid[]) AND NOT EXISTS (
            SELECT FROM feed_job_runs AS part JOIN feed_jobs AS job ON job.id = part.job_id
            WHERE part.run_id = run.id AND job.cancelled_at IS NULL
          ) RETURNING id`);
        await tellJobs(
          this.database,
          ended.map((one) => one.id),
        );
        return job !== undefined;
      },
      { first: [live] },
    );
  }

  /** Outcomes that only older jobs show, and those jobs when they show nothing else: some at a time, however many there are. */
  async forgetOld(days: number): Promise<void> {
    const limit = sql`now() - make_interval(days => ${days})`;
    const isOver = sql`run.state NOT IN ('queued', 'running') AND ${limit} > (
      SELECT max(created_at) FROM feed_job_runs AS other JOIN feed_jobs ON feed_jobs.id = other.job_id WHERE other.run_id = run.id)`;
    await this.inPortions(sql`
      DELETE FROM feed_runs WHERE id = ANY(ARRAY(
        SELECT run.id FROM feed_jobs AS job JOIN feed_job_runs AS part ON part.job_id = job.id JOIN feed_runs AS run ON run.id = part.run_id
        WHERE job.created_at < ${limit} AND ${isOver}
        ORDER BY job.created_at LIMIT ${ROWS_PER_DELETION} FOR UPDATE OF run SKIP LOCKED
      )) RETURNING 1`);
    // A run that a younger job shows stays, and goes with that one.
    await this.inPortions(sql`
      DELETE FROM feed_jobs WHERE id = ANY(ARRAY(
        SELECT id FROM feed_jobs AS job WHERE created_at < ${limit} AND NOT EXISTS (
          SELECT FROM feed_job_runs AS part JOIN feed_runs AS run ON run.id = part.run_id
          WHERE part.job_id = job.id AND (run.state IN ('queued', 'running') OR ${isOver}))
        ORDER BY created_at LIMIT ${ROWS_PER_DELETION} FOR UPDATE SKIP LOCKED
      )) RETURNING 1`);
  }

  private async inPortions(deletion: Sql): Promise<void> {
    while ((await this.database.rows(deletion)).length > 0);
  }
}

/**
 * Gives the ends of these runs their places in the events of each job. The update of the job's row makes the order of the places
 * that of the commits. The runs are locked since an earlier statement of the transaction: whoever has joined them is seen here.
 */
export async function tellJobs(database: Database, runIds: readonly string[]): Promise<void> {
  if (runIds.length === 0) return;
  await database.rows(sql`
    WITH ended AS (
      SELECT job_id, run_id, row_number() OVER (PARTITION BY job_id ORDER BY run_id) AS place FROM feed_job_runs
      WHERE run_id = ANY(${runIds}::uuid[])
    ), locked AS (
      SELECT id FROM feed_jobs WHERE id IN (SELECT job_id FROM ended) ORDER BY id FOR UPDATE
    ), moved AS (
      UPDATE feed_jobs AS job SET position = position + (SELECT count(*) FROM ended WHERE job_id = job.id)::integer
      FROM locked WHERE locked.id = job.id RETURNING job.id, position
    )
    UPDATE feed_job_runs AS part
    SET position = moved.position - (SELECT count(*) FROM ended AS other WHERE other.job_id = moved.id) + ended.place
    FROM ended JOIN moved ON moved.id = ended.job_id
    WHERE part.job_id = ended.job_id AND part.run_id = ended.run_id`);
}
