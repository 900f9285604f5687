import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/** A login that goes on: all refresh tokens that came one from the other. Of none of them is stored what could be used. */
@Entity('sessions')
@Unique(['family'])
@Index(['userId', 'lastUsedAt'])
@Index(['expiresAt'])
@Check('sessions_parent_check', '(parent IS NULL) = (sealed_child IS NULL)')
@Check('sessions_user_agent_check', 'length(user_agent) <= 200')
export class Session {
  /** In the access tokens as `sid`. */
  @PrimaryColumn('uuid')
  id!: string;

  @ForeignKey('User', { onDelete: 'CASCADE' })
  @Column('uuid')
  userId!: string;

  /** The account's `tokenGeneration` at the login: as soon as that has grown, the session is worth nothing. */
  @Column('integer')
  tokenGeneration!: number;

  /** Digest of the part that all tokens of the session have in common. */
  @Column('text')
  family!: string;

  /** Digest of the part that is the latest token's own. */
  @Column('text')
  token!: string;

  /** The same of the token before it. */
  @Column('text', { nullable: true })
  parent!: string | null;

  /** The latest token, which only the token before it opens. */
  @Column('text', { nullable: true })
  sealedChild!: string | null;

  @Column('text', { nullable: true })
  userAgent!: string | null;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  /** When the latest token was given. */
  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  lastUsedAt!: Date;

  @Column({ type: 'timestamptz', precision: 3 })
  expiresAt!: Date;
}
