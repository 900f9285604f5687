import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

export type RunState = 'queued' | 'running' | 'succeeded' | 'unchanged' | 'failed' | 'cancelled';

/** Why a row was rejected. */
export interface RowFault {
  readonly line: number;
  readonly code: string;
  readonly detail: string;
  readonly pointer?: string;
}

const LIVE = `state IN ('queued', 'running')`;

/** One refresh of one feed, for all jobs that ask for it meanwhile. */
@Entity('feed_runs')
@Index('feed_runs_feed_id_key', ['feedId'], { unique: true, where: LIVE })
@Index(['feedId'])
@Index('feed_runs_created_at_id_idx', ['createdAt', 'id'], { where: LIVE })
@Index('feed_runs_finished_at_idx', ['finishedAt'], { where: 'cleared > 0' })
@Check('feed_runs_state_check', `state IN ('queued', 'running', 'succeeded', 'unchanged', 'failed', 'cancelled')`)
export class FeedRun {
  @PrimaryColumn('uuid')
  id!: string;

  @ForeignKey('Feed', { onDelete: 'CASCADE' })
  @Column('uuid')
  feedId!: string;

  @Column('text', { default: 'queued' })
  state!: RunState;

  /** The worker that has it, until `leasedUntil`: then it is another's, and what this one still says of it is not heard. */
  @Column('uuid', { nullable: true })
  worker!: string | null;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  leasedUntil!: Date | null;

  /** How many workers have taken it. */
  @Column('integer', { default: 0 })
  starts!: number;

  /** Of the last answer. */
  @Column('integer', { nullable: true })
  httpStatus!: number | null;

  /** Rows read by the worker that has it. */
  @Column('integer', { default: 0 })
  received!: number;

  /** Counted in the transactions that write the items: also those of workers that died. */
  @Column('integer', { default: 0 })
  created!: number;

  @Column('integer', { default: 0 })
  updated!: number;

  @Column('integer', { default: 0 })
  cleared!: number;

  @Column('integer', { default: 0 })
  unchanged!: number;

  @Column('integer', { default: 0 })
  rejected!: number;

  /** Of calls that have ended, also of those that sent nothing. */
  @Column('integer', { default: 0 })
  attempts!: number;

  @Column('bigint', { default: 0 })
  bytes!: number;

  @Column('integer', { default: 0 })
  durationMs!: number;

  /** Why it failed: a stable code, and a sentence. */
  @Column('text', { nullable: true })
  code!: string | null;

  @Column('text', { nullable: true })
  detail!: string | null;

  /** Why rows were rejected. */
  @Column('jsonb', { default: [] })
  errors!: RowFault[];

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  finishedAt!: Date | null;
}
