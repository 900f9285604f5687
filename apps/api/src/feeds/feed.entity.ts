import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  ForeignKey,
  Index,
  PrimaryColumn,
  Unique,
  UpdateDateColumn,
} from 'typeorm';

export type FeedFormat = 'ndjson' | 'csv' | 'json';

/** A catalogue that a supplier publishes. */
@Entity('feeds')
@Unique(['name'])
@Index(['createdAt', 'id'])
@Check('feeds_format_check', `format IN ('ndjson', 'csv', 'json')`)
export class Feed {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  name!: string;

  @Column('text')
  url!: string;

  @Column('text')
  format!: FeedFormat;

  @Column('boolean', { default: true })
  enabled!: boolean;

  /** Items that the feed had and no longer has get a stock of 0. */
  @Column('boolean', { default: false })
  clearsMissing!: boolean;

  /** Whose items its rows become. */
  @ForeignKey('User')
  @Column('uuid')
  ownerId!: string;

  @Column('integer', { default: 1 })
  version!: number;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz', precision: 3 })
  updatedAt!: Date;
}

/** What an administrator sets. */
export type FeedValues = Pick<Feed, 'name' | 'url' | 'format' | 'enabled' | 'clearsMissing'>;
