import { Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** Somebody has asked for a refresh of some feeds. Which ones stands in `feed_job_runs`, how far they are in `feed_runs`. */
@Entity('feed_jobs')
@Index(['createdAt'])
export class FeedJob {
  @PrimaryColumn('uuid')
  id!: string;

  @ForeignKey('User')
  @Column('uuid')
  requestedBy!: string;

  /** Grows with each of its runs that ends, in the order of the commits: the ids of its events. */
  @Column('integer', { default: 0 })
  position!: number;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  cancelledAt!: Date | null;
}
