import { Check, Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** A key pair that signs access tokens for a while, and then verifies those that it has signed for a while longer. */
@Entity('signing_keys')
@Check('signing_keys_ends_at_check', 'ends_at > signs_from')
export class SigningKey {
  /** The thumbprint of the public key (RFC 7638); `kid` in tokens. */
  @PrimaryColumn('text')
  id!: string;

  /** The private key, which only JWT_SECRET opens. */
  @Column('text')
  sealed!: string;

  /** Known to all who verify before any token that is signed with it. */
  @Column({ type: 'timestamptz', precision: 3 })
  signsFrom!: Date;

  /** When the last token has expired that may be signed with it; null while there is no newer one. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  endsAt!: Date | null;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;
}
