import { Check, Column, CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm';

export type MailKind = 'password_reset' | 'email_verification' | 'email_change';

/** A mail that somebody has asked for. Whether it is to be sent is not known yet. */
@Entity('mail_requests')
@Index(['nextAttemptAt'])
@Index(['address', 'kind'])
@Check('mail_requests_kind_check', `kind IN ('password_reset', 'email_verification', 'email_change')`)
export class MailRequest {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  kind!: MailKind;

  @Column('text')
  address!: string;

  /** The account that it is about; null for a new password, for which the address is all that somebody knows. */
  @Column('uuid', { nullable: true })
  userId!: string | null;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  requestedAt!: Date;

  @Column('integer', { default: 0 })
  attempts!: number;

  /** Until then it is left alone: somebody is at it, or the last attempt has failed. */
  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  nextAttemptAt!: Date;
}
