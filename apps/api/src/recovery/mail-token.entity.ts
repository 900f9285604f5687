import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/** What a mail gave to whoever can read it; that of a mail that only tells something is told to nobody, and counts it. Only its digest is stored. */
@Entity('mail_tokens')
@Unique(['digest'])
@Index(['userId', 'kind'])
@Index(['address', 'kind', 'createdAt'])
@Index(['expiresAt'])
@Check('mail_tokens_kind_check', `kind IN ('password_reset', 'email_verification', 'email_change')`)
export class MailToken {
  /** Of the request that it answers: a mail that is sent again has a new token, and the old one is worth nothing. */
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  digest!: string;

  @Column('text')
  kind!: string;

  @ForeignKey('User', { onDelete: 'CASCADE' })
  @Column('uuid')
  userId!: string;

  /** Of the account when it was sent: another password makes those for a new one worth nothing. */
  @Column('integer')
  tokenGeneration!: number;

  /** Where it was sent: once the account has another address, it is worth nothing. Of an erased account, a digest. */
  @Column('text')
  address!: string;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  /** `-infinity` once it is used. */
  @Column({ type: 'timestamptz', precision: 3 })
  expiresAt!: Date;
}
