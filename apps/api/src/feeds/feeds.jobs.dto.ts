import { choice, Field, identifier, listOf, moment, objectOf, text, wholeNumber } from '@app/http';
import { FEED_ID, feedName } from './feeds.dto';
import type { JobRow, OutcomeRow } from './feeds.jobs.repository';
import { MAX_FEEDS, MAX_NAMED_FEEDS } from './feeds.rules';

export const JOB_ID = '01980a6e-5d5a-7c3e-8a52-3f1d2c4b5a71';

const rows = wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER });
const EXAMPLE = { example: 138 };
const MOMENT = '2026-01-31T12:00:00.000Z';

const STATES = ['queued', 'running', 'succeeded', 'unchanged', 'failed', 'cancelled'] as const;
const state = choice(STATES);
const jobState = choice(['queued', 'running', 'done', 'cancelled']);

/** What a feed's outcome names at most. */
export const MAX_ROW_FAULTS = 20;

export class FeedRefresh {
  @Field(listOf(identifier(), { min: 1, max: MAX_NAMED_FEEDS, dedupe: true }), {
    optional: true,
    example: [FEED_ID],
    description: 'Also feeds that are not enabled; all that are enabled if it is left out.',
  })
  feedIds?: string[];
}

export class FeedRowFault {
  @Field(wholeNumber({ min: 1, max: Number.MAX_SAFE_INTEGER }), { description: 'Counted from 1.', example: 17 })
  line!: number;

  @Field(text({ max: 100 }), { description: 'Stable, snake_case.', example: 'out_of_range' })
  code!: string;

  @Field(text({ max: 1_000 }), { example: 'must be a whole number from 0 to 2147483647' })
  detail!: string;

  @Field(text({ max: 10_000 }), {
    optional: true,
    description: 'JSON Pointer to what is wrong in the row (RFC 6901); absent if it is the whole row.',
    example: '/stock',
  })
  pointer?: string;
}

export class FeedOutcome {
  @Field(identifier(), { example: FEED_ID, description: 'Of the feed.' })
  feedId!: string;

  @Field(feedName, { example: 'Acme lamps' })
  name!: string;

  @Field(state, {
    example: 'succeeded',
    description: '`unchanged`: the supplier says that nothing is new (304). All but `queued` and `running` are final.',
  })
  state!: (typeof STATES)[number];

  @Field(wholeNumber({ min: 100, max: 599 }), {
    nullable: true,
    example: 200,
    description: 'HTTP status of the last answer; null if there was none.',
  })
  status!: number | null;

  @Field(rows, { ...EXAMPLE, description: 'Rows that were read.' })
  received!: number;

  @Field(rows, { ...EXAMPLE, description: 'Items that are new.' })
  created!: number;

  @Field(rows, { example: 0, description: 'Items that have changed.' })
  updated!: number;

  @Field(rows, { example: 0, description: 'Items that were as the row says; they keep their version.' })
  unchanged!: number;

  @Field(rows, { example: 0, description: 'Rows that were left out; the others are in.' })
  rejected!: number;

  @Field(rows, { example: 0, description: 'Items that the feed no longer has, and that are not in stock any more.' })
  cleared!: number;

  @Field(rows, {
    example: 1,
    description:
      'Calls of its URL, also those that could send nothing; without redirects, and those of workers that ended while they read it.',
  })
  attempts!: number;

  @Field(rows, {
    example: 65_536,
    description: 'Of all bodies that the last worker got, as they came over the wire; counted when it is over.',
  })
  bytes!: number;

  @Field(rows, { example: 412, description: 'From its start on the last worker that had it.' })
  milliseconds!: number;

  @Field(text({ max: 100 }), { nullable: true, example: null, description: 'Why it failed: stable, snake_case.' })
  code!: string | null;

  @Field(text({ max: 2_000 }), { nullable: true, example: null, description: 'Why it failed, as a sentence.' })
  detail!: string | null;

  @Field(listOf(objectOf(FeedRowFault), { max: MAX_ROW_FAULTS }), {
    description: `What is wrong with the rejected rows, at most ${MAX_ROW_FAULTS} faults.`,
  })
  errors!: FeedRowFault[];
}

export class JobProgress {
  @Field(rows, { ...EXAMPLE, description: 'All feeds of the job.' })
  feeds!: number;

  @Field(rows, { example: 0, description: 'Feeds that wait for a worker.' })
  queued!: number;

  @Field(rows, { example: 0, description: 'Feeds that are being read.' })
  running!: number;

  @Field(rows, { ...EXAMPLE, description: 'Feeds that were read to their end.' })
  succeeded!: number;

  @Field(rows, { example: 0, description: 'Feeds with nothing new (304).' })
  unchanged!: number;

  @Field(rows, { example: 0, description: 'Feeds that could not be read to their end.' })
  failed!: number;

  @Field(rows, { example: 0, description: 'Feeds that nobody waits for any more.' })
  cancelled!: number;

  @Field(rows, { ...EXAMPLE, description: 'Rows that were read, of all feeds.' })
  received!: number;

  @Field(rows, { ...EXAMPLE })
  created!: number;

  @Field(rows, { example: 0 })
  updated!: number;

  @Field(rows, { example: 0, description: 'Rows that were left out, of all feeds.' })
  rejected!: number;
}

export class JobState {
  @Field(identifier(), { example: JOB_ID, description: 'UUIDv7.' })
  id!: string;

  @Field(jobState, { example: 'done', description: '`done` when each feed has its outcome, whatever that is.' })
  state!: 'queued' | 'running' | 'done' | 'cancelled';

  @Field(moment(), { example: MOMENT })
  createdAt!: string;

  @Field(moment(), { nullable: true, example: MOMENT, description: 'Null until then.' })
  finishedAt!: string | null;

  @Field(objectOf(JobProgress), { description: 'How far it is, over all feeds.' })
  progress!: JobProgress;
}

export class JobView extends JobState {
  @Field(listOf(objectOf(FeedOutcome), { max: MAX_FEEDS }), {
    description: 'Those that are over first, in that order.',
  })
  feeds!: FeedOutcome[];
}

export function toJobState(row: JobRow): JobState {
  const { id, createdAt, cancelledAt, finishedAt, feeds, queued, running } = row;
  const open = queued === feeds && feeds > 0 ? 'queued' : queued + running > 0 ? 'running' : 'done';
  return {
    id,
    state: cancelledAt ? 'cancelled' : open,
    createdAt: createdAt.toISOString(),
    finishedAt: (cancelledAt ?? finishedAt)?.toISOString() ?? null,
    progress: {
      feeds,
      queued,
      running,
      succeeded: row.succeeded,
      unchanged: row.unchanged,
      failed: row.failed,
      cancelled: row.cancelled,
      received: row.received,
      created: row.created,
      updated: row.updated,
      rejected: row.rejected,
    },
  };
}

export const toOutcome = (row: OutcomeRow): FeedOutcome => ({
  feedId: row.feedId,
  name: row.name,
  state: row.state,
  status: row.httpStatus,
  received: row.received,
  created: row.created,
  updated: row.updated,
  unchanged: row.unchanged,
  rejected: row.rejected,
  cleared: row.cleared,
  attempts: row.attempts,
  bytes: row.bytes,
  milliseconds: row.durationMs,
  code: row.code,
  detail: row.detail,
  errors: [...row.errors],
});
